import pytest
import torch

from mmgraph.extension.new_nodes import NewNodes, check_new_nodes

SIZES = {"num_users": 60, "num_items": 30}


def test_histories_have_new_items_and_audiences_old_users_only(new):
    assert new.history(num_users=60).tolist() == [[0, 0, 0, 0, 0], [1, 2, 7, 30, 31]]
    assert new.audience(**SIZES).tolist() == [[3, 4, 5], [0, 0, 0]]


def test_who_has_a_modality():
    new = NewNodes(
        num_items=2, features={"a": torch.ones(2, 1), "b": torch.ones(2, 1)}, has={"b": torch.tensor([True, False])}
    )
    assert [new.has_feature(name).tolist() for name in "abc"] == [[True, True], [True, False], [False, False]]


def test_names_of_items():
    assert NewNodes(num_items=2).item_name(1, num_items=30) == "31"
    assert NewNodes(num_items=2, item_names=["a", "b"]).item_name(1, num_items=30) == "'b'"


def test_what_fits_is_let_through(graph, new):
    check_new_nodes(new, graph)
    check_new_nodes(NewNodes(), graph)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_users": 1, "edge_index": [[61], [0]]}, r"users must be from 0 to 60, found 61"),
        ({"num_users": 1, "edge_index": [[60], [-1]]}, r"items must be from 0 to 29, found -1"),
        ({"num_users": 1, "edge_index": [[60, 4], [0, 2]]}, r"user 4 and item 2 are both old"),
        ({"features": {"smell": [[1.0]]}}, r"no modality 'smell'; they have \['image', 'text'\]"),
        ({"features": {"text": [[1.0] * 4]}}, r"features\['text'\] must be \(1, 5\).* got \(1, 4\)"),
        ({"features": {"text": [[1.0] * 5] * 2}}, r"features\['text'\] must be \(1, 5\).* got \(2, 5\)"),
        ({"features": {"text": [[float("nan")] * 5]}}, r"features\['text'\] has a NaN or Inf"),
    ],
)
def test_what_does_not_fit(graph, arguments, message):
    given = dict(arguments)
    if "edge_index" in given:
        given["edge_index"] = torch.tensor(given["edge_index"])
    features = {name: torch.tensor(x) for name, x in given.pop("features", {}).items()}
    with pytest.raises(ValueError, match=message):
        check_new_nodes(NewNodes(num_items=1 if features else 0, features=features, **given), graph)


def test_an_item_that_lacks_a_modality_may_have_anything_in_its_row(graph):
    features, has = {"text": torch.full((1, 5), torch.nan)}, {"text": torch.tensor([False])}
    check_new_nodes(NewNodes(num_items=1, features=features, has=has), graph)
