import pytest
import torch

from mmgraph.nn import HypergraphPropagation
from tests.conftest import adjacency


@pytest.mark.parametrize("user_norm", ["sum", "mean"])
@pytest.mark.parametrize("num_layers", [1, 3])
def test_equals_the_dense_equations(graph, num_layers, user_norm):
    logits, item, dense = torch.randn(9, 3), torch.randn(9, 4), adjacency(graph)
    scale = dense.sum(1, keepdim=True) if user_norm == "mean" else 1.0
    of_item = torch.softmax(logits / 0.2, dim=1)
    of_user = torch.softmax(dense @ logits / scale / 0.2, dim=1)
    block = HypergraphPropagation(num_layers, user_norm=user_norm).eval()
    got = block(logits, item, graph)
    expected = item
    for _ in range(num_layers):
        user, expected = of_user @ (of_item.T @ expected), of_item @ (of_item.T @ expected)
    torch.testing.assert_close(got, (user, expected), atol=1e-4, rtol=1e-4)


def test_users_may_hear_each_other(graph):
    """MGNM, Eq. 14 as printed."""
    logits, user, item = torch.randn(9, 3), torch.randn(12, 4), torch.randn(9, 4)
    of_user = torch.softmax(adjacency(graph) @ logits / 0.2, dim=1)
    block = HypergraphPropagation(2).eval()
    got = block(logits, item, graph, user=user)
    expected = of_user @ (of_user.T @ (of_user @ (of_user.T @ user)))
    torch.testing.assert_close(got[0], expected, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(got[1], block(logits, item, graph)[1])


def test_a_membership_is_dropped_both_ways(graph):
    """One item, one hyperedge: kept, it comes back four times (twice 1 / keep); half kept would be twice."""
    graph["item"].degree = graph["item"].degree[:1]
    chosen = graph["user", "interacts", "item"].edge_index
    kept = chosen[:, chosen[1] == 0]
    graph["user", "interacts", "item"].edge_index = kept
    graph["item", "rev_interacts", "user"].edge_index = kept.flip(0)
    block = HypergraphPropagation(1, dropout=0.5, noise="none").train()
    seen = {block(torch.zeros(1, 1), torch.ones(1, 1), graph)[1].item() for _ in range(30)}
    assert seen == {0.0, 4.0}


def test_wrong_settings_are_named():
    with pytest.raises(ValueError, match="num_layers=0 of the hypergraph must be at least 1"):
        HypergraphPropagation(0)
    with pytest.raises(ValueError, match="dropout=1 of memberships"):
        HypergraphPropagation(1, dropout=1)
    with pytest.raises(ValueError, match="norm must be one of"):
        HypergraphPropagation(1, user_norm="max")
