"""GRCN's routing against a dense softmax."""

import torch
from torch_geometric.explain.algorithm.utils import set_masks

from mmgraph.nn import RoutingConv

EDGES = torch.tensor([[3, 0, 1, 0, 3, 4], [1, 0, 0, 2, 0, 2]])


def dense(source, target):
    scores = torch.full((4, 5), -torch.inf)
    scores[EDGES[1], EDGES[0]] = (target @ source.T)[EDGES[1], EDGES[0]]
    return torch.softmax(scores, dim=1).nan_to_num()


def test_equals_the_dense_softmax_and_gives_its_weights():
    source, target = torch.randn(5, 3), torch.randn(4, 3)
    heard, alpha = RoutingConv()((source, target), EDGES, return_weight=True)
    expected = dense(source, target)
    torch.testing.assert_close(heard, expected @ source)
    torch.testing.assert_close(alpha, expected[EDGES[1], EDGES[0]])
    assert not heard[3].any()


def test_gradients_reach_both_sides_through_what_is_heard_and_through_the_weights():
    source = torch.randn(5, 2, dtype=torch.float64, requires_grad=True)
    target = torch.randn(4, 2, dtype=torch.float64, requires_grad=True)
    conv = RoutingConv()
    assert torch.autograd.gradcheck(lambda s, t: conv((s, t), EDGES, return_weight=True), (source, target))


def test_an_explainer_masks_single_messages():
    source, target, conv = torch.randn(5, 3), torch.randn(4, 3), RoutingConv()
    expected = conv((source, target), EDGES)
    set_masks(conv, torch.ones(6), EDGES, apply_sigmoid=False)
    torch.testing.assert_close(conv((source, target), EDGES), expected)
    set_masks(conv, torch.zeros(6), EDGES, apply_sigmoid=False)
    assert not conv((source, target), EDGES).any()
