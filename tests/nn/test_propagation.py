import torch

from mmgraph.nn import BipartitePropagation
from tests.conftest import propagated


def test_layers_sum_and_mean_equal_the_dense_equations(graph):
    user, item = torch.randn(12, 3), torch.randn(9, 3)
    propagation = BipartitePropagation(3)
    expected = propagated(graph, user, item, 3)[1:]
    for got, want in zip(propagation.layers(user, item, graph), expected, strict=True):
        torch.testing.assert_close(got, want, atol=1e-6, rtol=1e-5)
    total = tuple(sum(side) for side in zip(*expected, strict=True))
    torch.testing.assert_close(propagation.sum(user, item, graph), total, atol=1e-6, rtol=1e-5)
    mean = (user + total[0]) / 4, (item + total[1]) / 4
    torch.testing.assert_close(propagation(user, item, graph), mean, atol=1e-6, rtol=1e-5)


def test_no_layers_is_the_identity(graph):
    user, item = torch.randn(12, 3), torch.randn(9, 3)
    assert BipartitePropagation(0)(user, item, graph) == (user, item)
