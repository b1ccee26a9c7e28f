import pytest
import torch
from torch.testing import assert_close

from mmgraph.models import EASE
from mmgraph.models import linear_autoencoder as module
from mmgraph.typing import INTERACTS
from tests.conftest import adjacency, bipartite_graph


def test_weights_are_least_squares_on_the_other_items():
    graph = bipartite_graph(num_users=40, num_items=12)
    x = adjacency(graph).double()
    found = EASE(graph, l2_weight=2.0)(graph).item.double()
    assert not found.diagonal().any()
    for item in range(12):
        others = [other for other in range(12) if other != item]
        ridge = x[:, others].T @ x[:, others] + 2 * torch.eye(11)
        expected = torch.linalg.solve(ridge, x[:, others].T @ x[:, item])
        assert_close(found[others, item], expected, atol=1e-6, rtol=1e-4)


def test_scores_are_sums_of_the_weights_of_a_users_items():
    graph = bipartite_graph(num_users=20, num_items=9)
    model = EASE(graph, l2_weight=1.0)
    encoding = model(graph)
    user = torch.tensor([3, 0, 3])
    expected = (adjacency(graph) @ encoding.item)[user]
    assert_close(model.score(encoding, user), expected)
    item = torch.tensor([[1, 8], [0, 0], [5, 2]])
    assert_close(model.score_pairs(encoding, user, item), expected.gather(1, item))


def test_single_precision_is_enough():
    """As dense as lfm2k and with many users for each item, which makes the matrix worst to invert."""
    graph = bipartite_graph(num_users=3000, num_items=60, density=0.3)
    x = adjacency(graph).double()
    inverse = torch.linalg.inv(x.T @ x + torch.eye(60))
    expected = (-inverse / inverse.diagonal()).fill_diagonal_(0)
    assert_close(EASE(graph, l2_weight=1.0)(graph).item.double(), expected, atol=1e-4, rtol=0)


def test_weights_are_found_once_for_a_graph_and_anew_for_another(graph, monkeypatch):
    model = EASE(graph)
    assert model.fit_closed_form(graph)
    with monkeypatch.context() as patch:
        patch.setattr(EASE, "fit", None)
        assert model(graph) is model(graph)
    found = model(graph)
    graph[INTERACTS].edge_index = graph[INTERACTS].edge_index[:, 1:]
    assert model(graph) is not found
    assert EASE(graph, l2_weight=3.0)(graph) is not model(graph)


def test_what_would_not_fit_is_refused_before_the_fit(monkeypatch):
    graph = bipartite_graph(num_users=4, num_items=3)
    model = EASE(graph)
    graph["item"].num_nodes = 60_000
    monkeypatch.setattr(module, "sparse_tensor", None)
    message = (
        r"EASE needs 13.4 GiB for a matrix of 60,000 x 60,000 items, more than memory_limit_gib=8: raise it where "
        r"there is so much, leave rare items out \(dataset.k_core=5\), or take a sparse model \(model=slim,"
    )
    with pytest.raises(ValueError, match=message):
        model(graph)


@pytest.mark.parametrize("l2_weight", [0, -1, float("nan")])
def test_wrong_arguments_are_refused(graph, l2_weight):
    with pytest.raises(ValueError, match=r"l2_weight=.* must be above 0"):
        EASE(graph, l2_weight=l2_weight)
