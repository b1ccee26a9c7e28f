"""A linear map of features that are kept in half precision, perhaps in a file."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from mmgraph.nn.common.row_blocks import BLOCK_ROWS


def streamed_linear(x: Float[Tensor, "items feat"], weight: Float[Tensor, "dim feat"]) -> Float[Tensor, "items dim"]:
    """``x.to(weight.dtype) @ weight.T``, a few thousand rows of ``x`` at a time, forward and backward.

    Nothing as large as ``x`` is made, so ``x`` may be memory-mapped and larger than memory:
    ``torch.from_numpy(numpy.load(path, mmap_mode="c"))``. It gets no gradient.

    Args:
        x: features in any precision.
        weight: the map, in the precision of the result.

    Example:
        >>> streamed_linear(torch.tensor([[1.0, 2.0]], dtype=torch.float16), torch.tensor([[1.0, 1.0]]))
        tensor([[3.]])
    """
    out: Tensor = _StreamedLinear.apply(x, weight)
    return out


class _StreamedLinear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        out = weight.new_empty(x.size(0), weight.size(0))
        for block, rows in zip(x.split(BLOCK_ROWS), out.split(BLOCK_ROWS), strict=True):
            torch.mm(block.to(weight.dtype), weight.T, out=rows)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[None, Tensor]:
        (x,) = ctx.saved_tensors
        grad_weight = grad.new_zeros(grad.size(1), x.size(1))
        for block, rows in zip(x.split(BLOCK_ROWS), grad.split(BLOCK_ROWS), strict=True):
            grad_weight.addmm_(rows.T, block.to(grad.dtype))
        return None, grad_weight
