"""The product with trained weights against PyG's scatter and against finite differences."""

import torch
from torch_geometric.utils import scatter

from mmgraph.nn import weighted_spmm


def problem(dtype=torch.float64):
    torch.manual_seed(0)
    edge_index = torch.stack([torch.randint(0, 5, (20,)), torch.randint(0, 4, (20,))])
    return (
        torch.randn(5, 3, dtype=dtype, requires_grad=True),
        edge_index,
        torch.randn(20, dtype=dtype, requires_grad=True),
    )


def test_equals_a_scatter_with_repeated_edges_too():
    x, edge_index, weight = problem()
    messages = weight[:, None] * x[edge_index[0]]
    torch.testing.assert_close(weighted_spmm(x, edge_index, weight, 4), scatter(messages, edge_index[1], dim_size=4))


def test_gradients_reach_both():
    x, edge_index, weight = problem()
    assert torch.autograd.gradcheck(lambda x, weight: weighted_spmm(x, edge_index, weight, 4), (x, weight))


def test_another_weight_on_the_same_edges():
    x, edge_index, weight = problem()
    once, twice = weighted_spmm(x, edge_index, weight, 4), weighted_spmm(x, edge_index, weight * 2, 4)
    torch.testing.assert_close(twice, once * 2)


def test_changed_edges_are_seen():
    x, edge_index, weight = problem()
    weighted_spmm(x, edge_index, weight, 4)
    edge_index[1] = edge_index[1].flip(0)
    messages = weight[:, None] * x[edge_index[0]]
    torch.testing.assert_close(weighted_spmm(x, edge_index, weight, 4), scatter(messages, edge_index[1], dim_size=4))
