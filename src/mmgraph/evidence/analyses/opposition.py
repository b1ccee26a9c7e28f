"""Whether two gradients of the same vectors oppose each other, row by row."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


class Opposition(NamedTuple):
    """How the pulls of one epoch oppose each other, user by user.

    Attributes:
        share: of the dimensions in which the two have opposite signs ``(users,)``; NaN for users whom one of them does
            not move at all.
        cosine: of the two ``(users,)``; NaN likewise.
    """

    share: Float[Tensor, " users"]
    cosine: Float[Tensor, " users"]


def opposition(one: Float[Tensor, "users dim"], other: Float[Tensor, "users dim"]) -> Opposition:
    """Compares two gradients of the same vectors.

    Example:
        >>> found = opposition(torch.tensor([[1.0, 2.0], [1.0, 0.0]]), torch.tensor([[1.0, -2.0], [0.0, 0.0]]))
        >>> found.share, found.cosine
        (tensor([0.5000,    nan]), tensor([-0.6000,     nan]))
    """
    both = (one != 0) & (other != 0)
    opposed = (one.sign() * other.sign()) < 0
    moved = both.any(-1)
    share = opposed.sum(-1) / both.sum(-1)
    cosine = F.cosine_similarity(one, other, dim=-1)
    return Opposition(share.where(moved, torch.nan), cosine.where(moved, torch.nan))


def above_half_by_chance(dim: int) -> float:
    """Probability that more than half of ``dim`` signs are opposed where each is with probability one half.

    Example:
        >>> above_half_by_chance(3), above_half_by_chance(2)
        (0.5, 0.25)
    """
    from scipy.stats import binom

    return float(binom.sf(dim // 2, dim, 0.5))
