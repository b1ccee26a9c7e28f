r"""The same product as :func:`mmgraph.nn.spmm`, for weights that are trained: gradients reach them too.

.. math:: \mathbf y_i = \sum_{j \to i} w_{ji}\, \mathbf x_j, \qquad
          \frac{\partial}{\partial \mathbf x_j} = \sum_{j \to i} w_{ji}\, \mathbf g_i, \qquad
          \frac{\partial}{\partial w_{ji}} = \mathbf g_i^\top \mathbf x_j

Three passes over the edges (a CSR product each way and a sampled dense product), none of which holds a vector per edge.
What depends on ``edge_index`` alone is remembered, so a changing weight costs one reordering.
"""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mmgraph.nn.sparse.spmm import CSR, TensorCache, csr_matmul, gathered_sum

_structures = TensorCache()


def csr_by(edge_index: Int[Tensor, "2 edges"], num_sources: int, num_targets: int) -> tuple[CSR, CSR]:
    """Both orders of a graph's edges: rows are targets, and rows are sources; remembered with ``edge_index``."""

    def build() -> tuple[CSR, CSR]:
        source, target = edge_index
        return CSR.of(target, source, (num_targets, num_sources)), CSR.of(source, target, (num_sources, num_targets))

    return _structures(build, (edge_index,), num_sources, num_targets)


def edge_products(
    target: Float[Tensor, "targets dim"], source: Float[Tensor, "sources dim"], by_target: CSR
) -> Float[Tensor, " edges"]:
    """Inner products of the two ends of each edge, in the edges' own order; no vector per edge is held."""
    pattern = by_target.matrix(target.new_zeros(by_target.col.numel()), source.size(0))
    products = torch.sparse.sampled_addmm(pattern, target, source.T, beta=0.0).values()
    return torch.empty_like(products).index_copy_(0, by_target.order, products)


class _WeightedProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, by_target: CSR, by_source: CSR) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.structure = by_target, by_source
        return csr_matmul(by_target.matrix(weight, x.size(0)), x)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        x, weight = ctx.saved_tensors
        by_target, by_source = ctx.structure
        grad = grad.contiguous()
        grad_x = None
        grad_weight = None
        if ctx.needs_input_grad[0]:
            grad_x = csr_matmul(by_source.matrix(weight, grad.size(0)), grad)
        if ctx.needs_input_grad[1]:
            grad_weight = edge_products(grad, x, by_target)
        return grad_x, grad_weight, None, None


def weighted_spmm(
    x: Float[Tensor, "sources dim"],
    edge_index: Int[Tensor, "2 edges"],
    edge_weight: Float[Tensor, " edges"],
    num_targets: int,
) -> Float[Tensor, "targets dim"]:
    r"""Sums weighted messages at their targets, with gradients to the messages and to the weights.

    Args:
        x: vectors of the sources.
        edge_index: sources over targets; pass the same tensor again and its order is not worked out again.
        edge_weight: weight of each message.
        num_targets: number of rows of the result.

    Example:
        >>> edges, weight = torch.tensor([[0, 1, 1], [0, 0, 1]]), torch.tensor([1.0, 0.5, 1.0], requires_grad=True)
        >>> out = weighted_spmm(torch.tensor([[1.0], [2.0]]), edges, weight, 2)
        >>> out.detach()
        tensor([[2.],
                [2.]])
        >>> torch.autograd.grad(out.sum(), weight)
        (tensor([1., 2., 2.]),)
    """
    if torch.compiler.is_compiling():
        return gathered_sum(x, edge_index, edge_weight, num_targets)
    dtype = torch.promote_types(x.dtype, edge_weight.dtype)
    structure = csr_by(edge_index, x.size(0), num_targets)
    with torch.autocast(x.device.type, enabled=False):
        return _WeightedProduct.apply(x.to(dtype), edge_weight.to(dtype), *structure)
