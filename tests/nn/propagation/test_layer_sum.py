import pytest
import torch

from mmgraph.nn import BipartitePropagation
from mmgraph.nn.propagation.layer_sum import LinearLayers, layer_sum
from mmgraph.nn.sparse.spmm import adjacency
from mmgraph.typing import Sides
from tests.conftest import propagated


def layers_of(dtype=torch.double, **settings):
    """Messages that differ both ways, as no normalisation makes them: a wrong transpose shows."""
    torch.manual_seed(0)
    to_user = torch.tensor([[0, 1, 2, 2], [1, 0, 0, 1]])
    to_item = torch.tensor([[0, 1, 1], [2, 0, 1]])
    return LinearLayers(
        adjacency(to_user, torch.rand(4), 3, 2, dtype), adjacency(to_item, torch.rand(3), 2, 3, dtype), **settings
    )


@pytest.mark.parametrize("with_ego", [True, False])
@pytest.mark.parametrize("num_layers", [1, 2, 3, 4, 5, 7])
def test_equals_the_powers_of_the_dense_matrix(num_layers, with_ego):
    layers = layers_of(num_layers=num_layers, with_ego=with_ego, scale=0.3)
    ego = Sides(torch.randn(2, 4, dtype=torch.double), torch.randn(3, 4, dtype=torch.double))
    square = torch.zeros(5, 5, dtype=torch.double)
    square[:2, 2:], square[2:, :2] = layers.to_user.to_target.to_dense(), layers.to_item.to_target.to_dense()
    first = 0 if with_ego else 1
    expected = 0.3 * sum(torch.linalg.matrix_power(square, n) for n in range(first, num_layers + 1)) @ torch.cat(ego)
    torch.testing.assert_close(torch.cat(layer_sum(ego, layers)), expected)


@pytest.mark.parametrize("with_ego", [True, False])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_gradcheck_in_double_precision(num_layers, with_ego):
    layers = layers_of(num_layers=num_layers, with_ego=with_ego, scale=0.5)
    ego = [torch.randn(n, 2, dtype=torch.double, requires_grad=True) for n in (2, 3)]
    assert torch.autograd.gradcheck(lambda *sides: layer_sum(Sides(*sides), layers), ego)


@pytest.mark.parametrize("num_layers", [1, 2, 3, 4])
def test_the_ego_vectors_are_left_as_they_are(num_layers):
    ego = Sides(torch.randn(2, 4, dtype=torch.double), torch.randn(3, 4, dtype=torch.double))
    before = [side.clone() for side in ego]
    layer_sum(ego, layers_of(num_layers=num_layers, with_ego=True, scale=1.0))
    torch.testing.assert_close(list(ego), before, atol=0, rtol=0)


def test_keeps_full_precision_under_autocast():
    ego = Sides(torch.ones(2, 1), torch.ones(3, 1))
    layers = layers_of(torch.float32, num_layers=2, with_ego=True, scale=1.0)
    expected = layer_sum(ego, layers)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(layer_sum(ego, layers), expected, atol=0, rtol=0)


@pytest.mark.parametrize("norm", ["sym", "mean", "root", "sum"])
def test_propagation_by_sums_and_layer_by_layer_agree_with_gradients(graph, norm):
    propagation = BipartitePropagation(3, norm=norm)
    upstream = torch.randn(12, 3, dtype=torch.double), torch.randn(9, 3, dtype=torch.double)

    def run(**options):
        ego = [torch.linspace(-1, 1, n * 3, dtype=torch.double).view(n, 3).requires_grad_() for n in (12, 9)]
        mean, total = propagation(*ego, graph, **options), propagation.sum(*ego, graph, **options)
        out = [a + 2 * b for a, b in zip(mean, total, strict=True)]
        return *out, *torch.autograd.grad(out, ego, upstream)

    torch.testing.assert_close(run(), run(refine=lambda sides: sides), atol=1e-10, rtol=1e-10)
    if norm == "sym":
        ego = torch.ones(12, 3), torch.ones(9, 3)
        expected = [sum(side) / 4 for side in zip(*propagated(graph, *ego, 3), strict=True)]
        torch.testing.assert_close(list(propagation(*ego, graph)), expected, atol=1e-6, rtol=1e-5)
