"""SLIM against its equation: the conditions that only the minimum fulfils, and weights worked out by hand."""

import pytest
import torch

from mmgraph.models import SLIM
from mmgraph.models import slim as module
from mmgraph.typing import INTERACTS
from tests.conftest import adjacency, bipartite_graph

CASES = [(0.0, 0.5), (0.5, 2.0), (2.0, 10.0), (1.5, 0.1)]


@pytest.fixture
def large():
    return bipartite_graph(num_users=60, num_items=25, density=0.25)


@pytest.mark.parametrize(("l1_weight", "l2_weight"), CASES)
def test_is_the_minimum_of_its_equation(large, l1_weight, l2_weight):
    """The objective is strictly convex: its one minimum is where these conditions (Karush, Kuhn, Tucker) hold."""
    model = SLIM(large, l1_weight=l1_weight, l2_weight=l2_weight)
    weights, dense = model(large).item.to_dense().double(), adjacency(large).double()
    assert (weights >= 0).all()
    assert not weights.diagonal().any()
    gradient = dense.T @ (dense @ weights - dense) + l2_weight * weights + l1_weight
    assert gradient[weights > 0].abs().max() < 1e-3
    gradient.fill_diagonal_(0)
    assert gradient.min() > -1e-3
    assert (weights > 0).sum() > 20


@pytest.mark.parametrize(("l1_weight", "l2_weight"), CASES)
def test_equals_descent_along_the_gradient(large, l1_weight, l2_weight):
    dense = adjacency(large).double()
    gram, weights = dense.T @ dense, torch.zeros(25, 25, dtype=torch.float64)
    step = 1 / (torch.linalg.eigvalsh(gram).max() + l2_weight)
    for _ in range(20_000 if l2_weight < 0.2 else 5000):
        weights = (weights - step * (gram @ weights - gram + l2_weight * weights + l1_weight)).clamp(min=0)
        weights.fill_diagonal_(0)
    found = SLIM(large, l1_weight=l1_weight, l2_weight=l2_weight)(large).item.to_dense().double()
    torch.testing.assert_close(found, weights, atol=1e-4, rtol=0)


def test_scores_sum_the_weights_of_the_items_a_user_has(large):
    model = SLIM(large)
    encoding = model(large)
    expected = adjacency(large) @ encoding.item.to_dense()
    torch.testing.assert_close(model.score(encoding, torch.tensor([5, 0, 5])), expected[[5, 0, 5]])
    pairs = model.score_pairs(encoding, torch.tensor([5, 0]), torch.tensor([[1, 2], [24, 3]]))
    torch.testing.assert_close(pairs, torch.stack([expected[5, [1, 2]], expected[0, [24, 3]]]))


def test_items_solved_for_apart_and_together(large, monkeypatch):
    together = SLIM(large)(large).item.to_dense()
    monkeypatch.setattr(module, "RESIDUALS", 60 * 4)
    apart = SLIM(large)(bipartite_graph(num_users=60, num_items=25, density=0.25)).item.to_dense()
    torch.testing.assert_close(apart, together, atol=1e-4, rtol=0)


def test_weights_are_found_once_for_a_graph_and_anew_for_one_that_grew(graph, monkeypatch):
    model = SLIM(graph, l1_weight=0)
    kept = graph[INTERACTS].edge_index
    graph[INTERACTS].edge_index = kept[:, kept[0] != 2]
    assert model.fit_closed_form(graph)
    assert not model.score(model(graph), torch.tensor([2])).any()
    with monkeypatch.context() as patch:
        patch.setattr(module, "item_weights", None)
        assert model(graph) is model(graph)
    graph[INTERACTS].edge_index = kept
    assert model.score(model(graph), torch.tensor([2])).any()


def test_what_shares_no_more_users_than_lambda_has_no_weight(large):
    weights = SLIM(large, l1_weight=3)(large).item.to_dense()
    dense = adjacency(large)
    assert not weights[dense.T @ dense <= 3].any()
    assert weights.any()


@pytest.mark.parametrize("weights", [(-1, 1), (0.5, 0)])
def test_weights_out_of_range(graph, weights):
    with pytest.raises(ValueError, match=r"l1_weight=.* must be at least 0 and l2_weight=.* above 0"):
        SLIM(graph, l1_weight=weights[0], l2_weight=weights[1])
