"""Scores of different models on one scale, each user's by themselves."""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

Scores = Float[Tensor, "users items"]
Candidates = Bool[Tensor, "users items"]


def z_scores(scores: Scores, candidate: Candidates) -> Scores:
    """Less the mean of a user's candidates, over their standard deviation; 0 where all are equal.

    Args:
        scores: a score of -inf stays one and does not count.
        candidate: the items that count: those that the user does not have.

    Example:
        >>> z_scores(torch.tensor([[1.0, 3.0, 9.0]]), torch.tensor([[True, True, False]]))
        tensor([[-1.,  1.,  7.]])
    """
    counted = candidate & (scores != -torch.inf)
    count = counted.sum(1, keepdim=True).clamp(min=1)
    wide = scores.double()  # sums that do not depend on how many users are scored at once
    mean = wide.where(counted, 0.0).sum(1, keepdim=True) / count
    centred = wide - mean
    deviation = (centred.where(counted, 0.0).square().sum(1, keepdim=True) / count).sqrt()
    return (centred / deviation.where(deviation > 0, 1.0)).float()


def rank_scores(scores: Scores, candidate: Candidates) -> Scores:
    """The share of a user's candidates that score lower, those with the same score by half.

    Args:
        scores: a score of -inf stays one.
        candidate: as of :func:`z_scores`; other items get what is below all of these.

    Example:
        >>> rank_scores(torch.tensor([[1.0, 3.0, 3.0, 9.0]]), torch.tensor([[True, True, True, False]]))
        tensor([[ 0.1667,  0.6667,  0.6667, -0.1667]])
    """
    compared = scores.where(candidate, -torch.inf)
    ordered = compared.sort(dim=1).values
    below = torch.searchsorted(ordered, compared)
    up_to = torch.searchsorted(ordered, compared, right=True)
    left_out = (~candidate).sum(1, keepdim=True)
    share = ((below + up_to) / 2 - left_out) / candidate.sum(1, keepdim=True).clamp(min=1)
    return share.where(scores != -torch.inf, -torch.inf)


NORMALISED: dict[str, Callable[[Scores, Candidates], Scores]] = {"z_score": z_scores, "rank": rank_scores}
"""By the name that ``scores=`` uses."""
