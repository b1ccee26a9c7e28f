r"""Inner products of the two ends of every edge, with gradients, without a vector per edge.

.. math:: s_{ji} = \mathbf x_i^\top \mathbf x_j, \qquad
          \frac{\partial}{\partial \mathbf x_i} = \sum_{j \to i} g_{ji}\, \mathbf x_j, \qquad
          \frac{\partial}{\partial \mathbf x_j} = \sum_{j \to i} g_{ji}\, \mathbf x_i

The counterpart of :mod:`mmgraph.nn.weighted_spmm`: each one's backward pass is made of the other.
"""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mmgraph.nn.sparse.spmm import CSR, csr_matmul
from mmgraph.nn.sparse.weighted_spmm import csr_by, edge_products


class _EdgeDot(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, source: Tensor, target: Tensor, by_target: CSR, by_source: CSR) -> Tensor:
        ctx.save_for_backward(source, target)
        ctx.structure = by_target, by_source
        return edge_products(target, source, by_target)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None]:
        source, target = ctx.saved_tensors
        by_target, by_source = ctx.structure
        of_source = csr_matmul(by_source.matrix(grad, target.size(0)), target)
        return of_source, csr_matmul(by_target.matrix(grad, source.size(0)), source), None, None


def edge_dot(
    source: Float[Tensor, "sources dim"], target: Float[Tensor, "targets dim"], edge_index: Int[Tensor, "2 edges"]
) -> Float[Tensor, " edges"]:
    r"""Inner product of every edge's source and target, in the order of ``edge_index``, in full precision.

    Args:
        source: vectors that edges start from.
        target: vectors that edges lead to.
        edge_index: sources over targets; pass the same tensor again and its order is not worked out again.

    Example:
        >>> x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> edge_dot(x, torch.tensor([[1.0, 1.0]]), torch.tensor([[1, 0], [0, 0]]))
        tensor([7., 3.])
    """
    dtype = torch.promote_types(source.dtype, target.dtype)
    source = source.to(dtype).contiguous()
    target = target.to(dtype).contiguous()
    if torch.compiler.is_compiling():  # in terms that a compiler can trace and fuse
        return (source.index_select(0, edge_index[0]) * target.index_select(0, edge_index[1])).sum(-1)
    structure = csr_by(edge_index, source.size(0), target.size(0))
    with torch.autocast(source.device.type, enabled=False):
        return _EdgeDot.apply(source, target, *structure)
