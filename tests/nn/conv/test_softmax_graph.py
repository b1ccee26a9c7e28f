"""Eq. 13-14 of NSMAR+ by hand, and both ways of computing them."""

import math

import torch

from mmgraph.nn import SoftmaxGraphConv


def test_numbers_worked_out_by_hand():
    """Node 0 hears 1 with e = ln 3 and 2 with e = 0: shares 3/4 and 1/4. Node 1 hears 0 alone: 1. Node 2: none."""
    x = torch.tensor([[1.0, 0.0], [4.0, 8.0], [0.0, 4.0]])
    edge_index, weight = torch.tensor([[1, 2, 0], [0, 0, 1]]), torch.tensor([math.log(3.0), 0.0, 7.0])
    expected = torch.tensor([[3.0, 7.0], [1.0, 0.0], [0.0, 0.0]])
    torch.testing.assert_close(SoftmaxGraphConv()(x, edge_index, weight), expected)


def test_large_counts_do_not_overflow():
    out = SoftmaxGraphConv()(torch.tensor([[1.0], [3.0]]), torch.tensor([[0, 1], [0, 0]]), torch.tensor([500.0, 500.0]))
    torch.testing.assert_close(out, torch.tensor([[2.0], [0.0]]))


def test_trained_weights_give_the_same_and_get_gradients():
    torch.manual_seed(0)
    x, edge_index = torch.randn(6, 3), torch.stack([torch.randint(0, 6, (15,)), torch.randint(0, 5, (15,))])
    weight = torch.randn(15)
    trained = weight.clone().requires_grad_()
    out = SoftmaxGraphConv()(x, edge_index, trained)
    torch.testing.assert_close(out, SoftmaxGraphConv()(x, edge_index, weight))
    out.square().sum().backward()
    assert trained.grad.any()


def test_another_weight_on_the_same_edges_is_seen():
    x, edge_index = torch.tensor([[1.0], [3.0]]), torch.tensor([[0, 1], [0, 0]])
    weight = torch.zeros(2)
    assert SoftmaxGraphConv()(x, edge_index, weight)[0].item() == 2
    weight[0] = math.log(3.0)
    torch.testing.assert_close(SoftmaxGraphConv()(x, edge_index, weight)[0], torch.tensor([1.5]))
