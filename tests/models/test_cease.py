import pytest
import torch
from torch.nn.functional import normalize
from torch.testing import assert_close

from mmgraph.models import CEASE, EASE
from tests.conftest import adjacency, bipartite_graph


def test_features_are_further_users():
    """EASE by its definition, item by item, on the interactions with the weighed features below them."""
    graph = bipartite_graph(num_users=30, num_items=10)
    rows = [adjacency(graph)]
    for name, weight in (("image", 4.0), ("text", 9.0)):
        x = graph["item"][f"x_{name}"]
        rows.append(weight**0.5 * normalize(x - x.mean(0), dim=-1).T)
    x = torch.cat(rows).double()
    found = CEASE(graph, l2_weight=2.0, weight={"image": 4.0, "text": 9.0})(graph).item.double()
    for item in range(10):
        others = [other for other in range(10) if other != item]
        ridge = x[:, others].T @ x[:, others] + 2 * torch.eye(9)
        expected = torch.linalg.solve(ridge, x[:, others].T @ x[:, item])
        assert_close(found[others, item], expected, atol=1e-5, rtol=1e-4)
    assert not found.diagonal().any()


@pytest.mark.parametrize("weight", [0.0, {"text": 0}])
def test_without_weight_it_is_ease(graph, weight):
    expected = EASE(graph, l2_weight=3.0)(graph)
    assert torch.equal(CEASE(graph, l2_weight=3.0, weight=weight)(graph).item, expected.item)


def test_a_modality_that_is_not_named_is_not_read(graph):
    model = CEASE(graph, weight={"text": 5.0})
    assert model.modalities(graph) == ["text"]
    before = model(graph).item
    graph["item"].x_image = torch.randn_like(graph["item"].x_image)
    assert torch.equal(model(graph).item, before)
    graph["item"].x_text = torch.randn_like(graph["item"].x_text)
    assert not torch.equal(model(graph).item, before)


def test_an_item_that_lacks_a_modality_has_no_features_of_it(graph):
    has = torch.arange(graph["item"].num_nodes) != 4
    model = CEASE(graph, weight={"text": 5.0})
    graph["item"].has_text = has
    lacking = model(graph).item
    graph["item"].x_text = torch.where(has[:, None], graph["item"].x_text, 100.0)
    assert_close(model(graph).item, lacking)


def test_wrong_arguments_are_refused(graph):
    with pytest.raises(ValueError, match="weight names 'audio', and the items' modalities are image, text"):
        CEASE(graph, weight={"audio": 1.0})
    with pytest.raises(ValueError, match=r"l2_weight=0 must be above 0"):
        CEASE(graph, l2_weight=0)
