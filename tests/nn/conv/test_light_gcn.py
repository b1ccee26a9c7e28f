import pytest
import torch
from torch_geometric.nn import LGConv

from mmgraph.nn import LightGCNConv, edge_norm

NORMS = ["sym", "mean", "sum"]


@pytest.fixture
def bipartite():
    torch.manual_seed(1)
    chosen = torch.rand(6, 5) < 0.5
    edge_index = chosen.nonzero().T.contiguous()
    return torch.randn(6, 3), torch.randn(5, 3), edge_index, (chosen.sum(1).float(), chosen.sum(0).float())


@pytest.mark.parametrize("norm", NORMS)
def test_cached_product_equals_propagate(norm, bipartite):
    """Weights that need gradients take ``propagate``; the same numbers come out, and the same gradients."""
    user, item, edge_index, degree = bipartite
    conv = LightGCNConv(norm=norm)
    weight = edge_norm(edge_index, *degree, norm=norm)
    x = user.clone().requires_grad_()
    fast = conv((x, item), edge_index, degree=degree)
    slow = conv((x, item), edge_index, weight.clone().requires_grad_())
    torch.testing.assert_close(fast, slow, atol=1e-6, rtol=1e-6)
    upstream = torch.randn_like(fast)
    grads = [torch.autograd.grad(y, x, upstream)[0] for y in (fast, slow)]
    torch.testing.assert_close(*grads, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("norm", NORMS)
def test_equals_the_equation_written_densely(norm, bipartite):
    user, item, edge_index, (user_degree, item_degree) = bipartite
    incidence = torch.zeros(5, 6)
    incidence[edge_index[1], edge_index[0]] = 1
    scale = {
        "sym": incidence / (item_degree[:, None] * user_degree).sqrt(),
        "mean": incidence / item_degree[:, None],
        "root": incidence / item_degree[:, None].sqrt(),
        "sum": incidence,
    }
    expected = torch.nan_to_num(scale[norm]) @ user
    torch.testing.assert_close(LightGCNConv(norm=norm)((user, item), edge_index), expected, atol=1e-6, rtol=1e-5)


def test_equals_lgconv_on_a_homogeneous_graph():
    torch.manual_seed(2)
    edge_index = torch.randint(20, (2, 60)).unique(dim=1)
    edge_index = torch.cat([edge_index, edge_index.flip(0)], dim=1).unique(dim=1)
    x = torch.randn(20, 4)
    torch.testing.assert_close(LightGCNConv()(x, edge_index), LGConv()(x, edge_index), atol=1e-6, rtol=1e-5)


def test_learned_weights_get_gradients(bipartite):
    user, item, edge_index, _ = bipartite
    weight = torch.rand(edge_index.size(1), requires_grad=True)
    LightGCNConv()((user, item), edge_index, weight).sum().backward()
    expected = user.sum(-1)[edge_index[0]]
    torch.testing.assert_close(weight.grad, expected)


def test_permuting_the_targets_permutes_the_result(bipartite):
    user, item, edge_index, _ = bipartite
    order = torch.randperm(5)
    moved = torch.stack([edge_index[0], order.argsort()[edge_index[1]]])
    torch.testing.assert_close(
        LightGCNConv()((user, item[order]), moved), LightGCNConv()((user, item), edge_index)[order]
    )


def test_a_node_without_interactions_gets_nothing_and_breaks_nothing():
    y = LightGCNConv()((torch.ones(2, 1), torch.ones(3, 1)), torch.tensor([[0, 1], [0, 0]]))
    assert y.isfinite().all()
    assert y[1:].tolist() == [[0], [0]]


def test_errors_name_what_is_wrong():
    with pytest.raises(ValueError, match="norm must be one of"):
        LightGCNConv(norm="median")
    with pytest.raises(ValueError, match="norm must be one of"):
        edge_norm(torch.zeros(2, 1, dtype=torch.long), torch.ones(1), torch.ones(1), norm="median")
    with pytest.raises(ValueError, match="pass degree="):
        LightGCNConv()((torch.ones(2, 1), None), torch.tensor([[0], [0]]))
