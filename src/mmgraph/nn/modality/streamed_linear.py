"""A linear map of features that are kept in half precision, perhaps in a file."""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from mmgraph.nn.common.row_blocks import BLOCK_ROWS
from mmgraph.reading import expect_all


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


def feature_linear(
    x: Float[Tensor, "items feat"], weight: Float[Tensor, "dim feat"], bias: Float[Tensor, " dim"] | None = None
) -> Float[Tensor, "items dim"]:
    """``x W^T + b`` in the precision of the weights, never in that of autocast: what is propagated is not rounded.

    Features in another precision than the weights stay so, and where they are (:func:`streamed_linear`).

    Args:
        x: features in any precision.
        weight: the map.
        bias: what is added; none by default.

    Example:
        >>> feature_linear(torch.tensor([[1.0, 2.0]], dtype=torch.float16), torch.eye(2), torch.ones(2))
        tensor([[2., 3.]])
    """
    expect_all(x)
    if x.dtype == weight.dtype:
        return F.linear(x, weight, bias).to(weight.dtype)
    projected = streamed_linear(x, weight)
    return projected if bias is None else projected + bias


class FeatureLinear(nn.Linear):
    """``torch.nn.Linear`` for features that may be in half precision and in a file: :func:`feature_linear`.

    Example:
        >>> FeatureLinear(3, 2)(torch.ones(5, 3, dtype=torch.float16)).dtype
        torch.float32
    """

    def forward(self, input: Float[Tensor, "items feat"]) -> Float[Tensor, "items dim"]:
        """Maps features in any precision."""
        return feature_linear(input, self.weight, self.bias)


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
