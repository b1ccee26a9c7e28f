"""How correlated the dimensions of some vectors are."""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from mmgraph.losses.functional import full_precision


def feature_decorrelation(x: Float[Tensor, "nodes dim"]) -> Float[Tensor, ""]:
    r"""How strongly the dimensions of some vectors are correlated; 0 when no two of them are.

    Wu et al., "AFDGCF: Adaptive Feature De-correlation Graph Collaborative Filtering for Recommendations", SIGIR 2024,
    https://arxiv.org/abs/2403.17416; MGNM (https://arxiv.org/abs/2411.01561), Eq. 20-22.

    .. math:: p(\mathbf X) = \frac{1}{\sqrt 2} \|\mathbf P - \mathbf I\|_F, \qquad
              \mathbf P_{ij} = \frac{\mathbf C_{ij}}{\sqrt{\mathbf C_{ii} \mathbf C_{jj}}}, \qquad
              \mathbf C = (\mathbf X - \bar{\mathbf X})^\top (\mathbf X - \bar{\mathbf X})

    It costs 2 N D^2 operations forward and as many backward; it can be differentiated once.

    Args:
        x: the vectors. A dimension in which they do not differ (beyond rounding) correlates with no other.

    Shapes:
        ``(N, D)`` -> scalar, at most the square root of D (D - 1) / 2

    Example:
        >>> x = torch.tensor([[1.0, -1.0, 5.0], [-1.0, 1.0, 5.0], [1.0, -1.0, 5.0], [-1.0, 1.0, 5.0]])
        >>> feature_decorrelation(x)
        tensor(1.)
    """
    with torch.autocast(x.device.type, enabled=False):
        x = full_precision(x)
        mean = x.detach().mean(dim=0)
        covariance = _Covariance.apply(x, mean)
    variance = covariance.diagonal()
    rounding = x.size(0) * (8 * torch.finfo(x.dtype).eps * mean).square()
    scale = variance.masked_fill(variance <= rounding, math.inf).rsqrt()
    correlation = covariance * scale.unsqueeze(1) * scale
    return torch.linalg.vector_norm(correlation.triu(diagonal=1))


class _Covariance(torch.autograd.Function):
    """Products of centred columns; autograd would multiply twice backward, once for each factor, and centre again."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, mean: Tensor) -> Tensor:
        centered = x - mean
        ctx.save_for_backward(centered)
        return centered.T @ centered

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        (centered,) = ctx.saved_tensors
        # Nothing flows through the mean: the columns of this product sum to zero as it is.
        return centered @ (grad + grad.T), None
