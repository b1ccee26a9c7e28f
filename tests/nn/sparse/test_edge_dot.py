"""Inner products along edges against products written out."""

import torch

from mmgraph.nn import edge_dot

EDGES = torch.tensor([[3, 0, 1, 0, 3, 4], [1, 0, 0, 2, 0, 2]])  # in no order; target 3 has none


def test_values_in_the_order_of_the_edges():
    source, target = torch.randn(5, 3), torch.randn(4, 3)
    expected = torch.stack([source[j] @ target[i] for j, i in EDGES.T.tolist()])
    torch.testing.assert_close(edge_dot(source, target, EDGES), expected)


def test_gradients():
    source = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
    target = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda s, t: edge_dot(s, t, EDGES), (source, target))


def test_no_edges():
    assert edge_dot(torch.randn(2, 3), torch.randn(2, 3), torch.empty(2, 0, dtype=torch.int64)).shape == (0,)


def test_full_precision_under_autocast():
    source, target = torch.randn(5, 64), torch.randn(4, 64)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(edge_dot(source, target, EDGES), edge_dot(source, target, EDGES).float())
        half = edge_dot(source.bfloat16(), target, EDGES)
    assert half.dtype == torch.float32
