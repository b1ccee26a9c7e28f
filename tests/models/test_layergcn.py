"""LayerGCN against its equations, written densely; the authors' own numbers are in test_golden.py."""

import pytest
import torch
from torch.nn.functional import cosine_similarity

from mmgraph.models import LayerGCN
from mmgraph.typing import INTERACTS
from tests.conftest import bipartite_graph, propagated


def expected_vectors(model, graph):
    ego = x = (model.user_table, model.item_table)
    total = [0.0, 0.0]
    for _ in range(model.propagation.num_layers):
        smoothed = propagated(graph, *x, 1)[-1]
        x = tuple(s * cosine_similarity(s, e).unsqueeze(1) for s, e in zip(smoothed, ego, strict=True))
        total = [t + layer for t, layer in zip(total, x, strict=True)]
    return tuple(total)


@pytest.mark.parametrize("num_layers", [1, 2, 4])
def test_equals_its_equations(graph, num_layers):
    model = LayerGCN(graph, emb_dim=4, num_layers=num_layers)
    encoding = model(graph)
    torch.testing.assert_close((encoding.user, encoding.item), expected_vectors(model, graph), atol=1e-6, rtol=1e-5)


def test_one_edge_by_hand():
    """User (3, 4) and item (4, 3), cosine 0.96: layer 1 swaps the vectors and scales both by 0.96."""
    graph = bipartite_graph(num_users=1, num_items=2, density=0.0)
    model = LayerGCN(graph, emb_dim=2, num_layers=2)
    with torch.no_grad():
        model.user_table.copy_(torch.tensor([[3.0, 4.0]]))
        model.item_table.copy_(torch.tensor([[4.0, 3.0], [1.0, 1.0]]))
    encoding = model(graph)
    # Layer 2 returns to the own vector, scaled by 0.96 once: cosine 1.
    torch.testing.assert_close(encoding.user, 0.96 * torch.tensor([[4.0 + 3.0, 3.0 + 4.0]]))
    torch.testing.assert_close(encoding.item, torch.tensor([[0.96 * 7, 0.96 * 7], [0.0, 0.0]]))


def kept(graph):
    return {tuple(edge) for edge in graph[INTERACTS].edge_index.T.tolist()}


def test_trains_on_a_part_and_ranks_on_all(graph):
    model = LayerGCN(graph, emb_dim=4, dropout=0.5)
    first, second = model.training_graph(graph, 0), model.training_graph(graph, 1)
    assert len(kept(first)) == len(kept(second)) == int(len(kept(graph)) * 0.5)
    assert kept(first) != kept(second)
    assert model.inference_graph(graph) is graph
    assert LayerGCN(graph, dropout=0.0).training_graph(graph, 0) is graph


@pytest.mark.parametrize(
    ("pruning", "epochs"), [("degree", [True, True]), ("random", [False, False]), ("mixed", [True, False])]
)
def test_which_edges_go(graph, monkeypatch, pruning, epochs):
    calls = []
    for name, by_degree in (("degree_sensitive_drop", True), ("drop_edges", False)):
        monkeypatch.setattr(f"mmgraph.models.layergcn.{name}", lambda g, _, by=by_degree: calls.append(by) or g)
    model = LayerGCN(graph, pruning=pruning)
    for epoch in range(4):
        model.training_graph(graph, epoch)
    assert calls == epochs * 2


def test_a_node_that_lost_all_its_edges_has_finite_gradients(graph):
    model = LayerGCN(graph, emb_dim=4, dropout=0.9)
    pruned = model.training_graph(graph, 0)
    assert (pruned["user"].degree == 0).any()
    encoding = model(pruned)
    (encoding.user.square().sum() + encoding.item.square().sum()).backward()
    assert model.user_table.grad.isfinite().all()
    assert model.item_table.grad.isfinite().all()


def test_settings_that_cannot_be(graph):
    with pytest.raises(ValueError, match="num_layers=0 must be at least 1"):
        LayerGCN(graph, num_layers=0)
    with pytest.raises(ValueError, match="pruning='popular' is not known; choose one of mixed, degree, random"):
        LayerGCN(graph, pruning="popular")
