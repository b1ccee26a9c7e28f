r"""Vectors scaled by how much they look like others.

.. math:: \mathbf y_v = c_v\, \mathbf x_v, \qquad c_v = \cos(\mathbf x_v, \mathbf r_v)
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

_EPS = 1e-8  # what a length is at least, as in torch.nn.functional.cosine_similarity


class _ScaleByCosine(torch.autograd.Function):
    r"""Ten passes over the vectors, forward and back; composed of torch's operations it takes more than twice as many.

    With :math:`s_v` the inner product of the gradient and x, and :math:`k_v = s_v / (|\mathbf x_v| |\mathbf r_v|)`:

    .. math:: \frac{\partial}{\partial \mathbf x} = c\,\mathbf g + k\,\mathbf r - \frac{s c}{|\mathbf x|^2}\,\mathbf x,
              \qquad
              \frac{\partial}{\partial \mathbf r} = k\,\mathbf x - \frac{s c}{|\mathbf r|^2}\,\mathbf r
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, reference: Tensor) -> Tensor:
        lengths = [_length(x), _length(reference)]
        cosine = (x * reference).sum(-1, keepdim=True) / (lengths[0] * lengths[1])
        ctx.save_for_backward(x, reference, cosine, *lengths)
        return x * cosine

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        x, reference, cosine, of_x, of_reference = ctx.saved_tensors
        along = (grad * x).sum(-1, keepdim=True)
        both = along / (of_x * of_reference)
        grad_x = (grad * cosine).addcmul_(reference, both)
        grad_x.addcmul_(x, _shrinks(along * cosine, of_x))
        grad_reference = (x * both).addcmul_(reference, _shrinks(along * cosine, of_reference))
        return grad_x, grad_reference


def _length(x: Tensor) -> Tensor:
    return torch.linalg.vector_norm(x, dim=-1, keepdim=True).clamp_min(_EPS)


def _shrinks(through: Tensor, length: Tensor) -> Tensor:
    """What comes back through a length; nothing where it is held at its least."""
    return torch.where(length > _EPS, -through / length.square(), 0.0)


def scale_by_cosine(x: Float[Tensor, "nodes dim"], reference: Float[Tensor, "nodes dim"]) -> Float[Tensor, "nodes dim"]:
    """Each vector times its cosine with another one; a vector of zeros stays one.

    So LayerGCN refines a layer by the ego vectors (ICDE 2023, https://arxiv.org/abs/2207.11088).

    Args:
        x: the vectors.
        reference: what each is compared with.

    Raises:
        RuntimeError: in a backward pass that is differentiated again.

    Example:
        >>> scale_by_cosine(torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([[5.0, 0.0], [1.0, 0.0]]))
        tensor([[2., 0.],
                [0., 0.]])
    """
    if torch.compiler.is_compiling():  # in terms that a compiler can trace and fuse
        return x * F.cosine_similarity(x, reference, dim=-1).unsqueeze(-1)
    scaled: Tensor = _ScaleByCosine.apply(x, reference)
    return scaled
