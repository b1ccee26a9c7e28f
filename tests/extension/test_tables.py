import pytest
import torch

from mmgraph.extension import FoldIn, extend
from mmgraph.extension.tables import find_tables
from mmgraph.models import BM3, FISM, FREEDOM, GRCN, MFBPR, LightGCN, RedND
from mmgraph.transforms import KNNGraph
from tests.conftest import bipartite_graph


def encoded(model, graph):
    with torch.no_grad():
        return model.eval()(graph)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (LightGCN, {"user_table": "user", "item_table": "item"}),
        (FISM, {"source_table": "item", "target_table": "item", "bias": "item"}),
        (RedND, {"user_weight": "user", "nodes.user.image": "user", "nodes.user.text": "user"}),
        (FREEDOM, {"user_table": "user", "item_table": "item", "features.image": "item", "features.text": "item"}),
    ],
)
def test_tables_are_found_by_who_reads_them(graph, make, expected):
    graph = KNNGraph(k=3, merge=True)(KNNGraph(k=3)(graph))
    assert find_tables(make(graph, emb_dim=4), graph) == expected


def test_tables_of_as_many_users_as_items_are_told_apart():
    graph = bipartite_graph(20, 20)
    found = find_tables(GRCN(graph, emb_dim=20, content_dim=20), graph)
    assert found["confidence.user"] == found["preference.text"] == "user"
    assert found["item_table"] == found["confidence.item"] == "item"
    assert "project.modality.text.weight" not in found


def test_the_mode_and_the_random_numbers_stay(graph):
    model = LightGCN(graph).train()
    state = torch.get_rng_state()
    find_tables(model, graph)
    assert model.training
    assert torch.equal(torch.get_rng_state(), state)


def test_a_larger_model_keeps_old_rows_and_the_smaller_one_stays(graph, new):
    model = LightGCN(graph, emb_dim=4)
    before = {name: x.clone() for name, x in model.state_dict().items()}
    larger = extend(model, graph, encoded(model, graph), new, mode="recompute").model
    assert torch.equal(larger.user_table[:60], before["user_table"])
    assert torch.equal(larger.item_table[:30], before["item_table"])
    assert larger.user_table.shape == (62, 4)
    assert larger.num_items == 33
    assert all(torch.equal(x, before[name]) for name, x in model.state_dict().items())


def test_a_new_row_of_plain_factors_is_the_vector_that_is_inferred(graph, new):
    """There the final vector is the row, so the regression is the identity."""
    model = MFBPR(graph, emb_dim=4)
    encoding = encoded(model, graph)
    larger = extend(model, graph, encoding, new, mode="recompute").model
    inferred = FoldIn(graph, encoding).new(new)
    torch.testing.assert_close(larger.user_table[60:], inferred.user.float(), atol=2e-2, rtol=0)
    torch.testing.assert_close(larger.item_table[30:], inferred.item.float(), atol=2e-2, rtol=0)


def test_trained_features_of_new_items_are_the_given_ones(graph, new):
    knn = KNNGraph(k=3, merge=True)
    drawn = knn(graph)
    model = FREEDOM(drawn, emb_dim=4)
    larger = extend(model, drawn, encoded(model, drawn), new, mode="recompute", transforms=[knn]).model
    assert torch.equal(larger.features["text"][30:], new.features["text"])
    assert torch.equal(larger.features["text"][:30], model.features["text"])


def test_tables_that_only_training_reads_stay_as_they_are(graph, new):
    model = BM3(graph, emb_dim=4)
    larger = extend(model, graph, encoded(model, graph), new, mode="recompute").model
    assert larger.features["text"].shape == model.features["text"].shape
