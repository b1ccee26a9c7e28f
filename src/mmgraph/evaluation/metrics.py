"""Ranking metrics as pure functions of a hit matrix, one value a user, in float64.

All of them read the same two things: ``hits``, which of a user's first k items are held-out ones, best item first,
and ``num_relevant``, how many the user has. k is the width of ``hits``: slice it for a smaller one. A user without
held-out items gets 0. The definitions are those of ``torch_geometric.metrics.LinkPred*``, the oracle in the tests.
"""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float64, Int
from torch import Tensor


def recall(hits: Bool[Tensor, "users k"], num_relevant: Int[Tensor, " users"]) -> Float64[Tensor, " users"]:
    r"""Share of a user's held-out items that are in the list: :math:`|hits| / |relevant|`.

    Args:
        hits: whether the item at each rank is a held-out one.
        num_relevant: number of held-out items of each user.

    Example:
        >>> recall(torch.tensor([[True, False]]), torch.tensor([4]))
        tensor([0.2500], dtype=torch.float64)
    """
    return hits.sum(-1).double() / num_relevant.clamp(min=1)


def precision(hits: Bool[Tensor, "users k"], num_relevant: Int[Tensor, " users"]) -> Float64[Tensor, " users"]:
    r"""Share of the list that is held-out items: :math:`|hits| / k`.

    Args:
        hits: whether the item at each rank is a held-out one.
        num_relevant: number of held-out items of each user; not needed here, the same signature for all.

    Example:
        >>> precision(torch.tensor([[True, False]]), torch.tensor([4]))
        tensor([0.5000], dtype=torch.float64)
    """
    return hits.sum(-1).double() / hits.size(1)


def ndcg(hits: Bool[Tensor, "users k"], num_relevant: Int[Tensor, " users"]) -> Float64[Tensor, " users"]:
    r"""Normalised discounted cumulative gain with binary gains: the best list that k places allow has 1.

    .. math:: \frac{\sum_{r=1}^{k} hit_r / \log_2(r+1)}{\sum_{r=1}^{\min(|relevant|, k)} 1 / \log_2(r+1)}

    Args:
        hits: whether the item at each rank is a held-out one.
        num_relevant: number of held-out items of each user.

    Example:
        >>> ndcg(torch.tensor([[False, True], [True, False]]), torch.tensor([1, 1]))
        tensor([0.6309, 1.0000], dtype=torch.float64)
    """
    gain = 1 / (_ranks(hits) + 1).log2()
    best = torch.cat([gain.new_zeros(1), gain.cumsum(0)])[num_relevant.clamp(max=hits.size(1))]
    return ((hits * gain).sum(-1) / best).where(num_relevant > 0, 0.0)


def average_precision(hits: Bool[Tensor, "users k"], num_relevant: Int[Tensor, " users"]) -> Float64[Tensor, " users"]:
    r"""Mean precision at the ranks of the hits (the mean over users is MAP).

    .. math:: \frac{1}{\min(|relevant|, k)} \sum_{r=1}^{k} hit_r \cdot \frac{\sum_{s \le r} hit_s}{r}

    Args:
        hits: whether the item at each rank is a held-out one.
        num_relevant: number of held-out items of each user.

    Example:
        >>> average_precision(torch.tensor([[True, False, True]]), torch.tensor([5]))
        tensor([0.5556], dtype=torch.float64)
    """
    precision_at_rank = hits.cumsum(-1) / _ranks(hits)
    return (hits * precision_at_rank).sum(-1) / num_relevant.clamp(min=1, max=hits.size(1))


def reciprocal_rank(hits: Bool[Tensor, "users k"], num_relevant: Int[Tensor, " users"]) -> Float64[Tensor, " users"]:
    """One over the rank of the first hit, 0 without one (the mean over users is MRR).

    Args:
        hits: whether the item at each rank is a held-out one.
        num_relevant: number of held-out items of each user; not needed here, the same signature for all.

    Example:
        >>> reciprocal_rank(torch.tensor([[False, True, True], [False, False, False]]), torch.tensor([3, 3]))
        tensor([0.5000, 0.0000], dtype=torch.float64)
    """
    return (hits / _ranks(hits)).amax(-1)


def hit_ratio(hits: Bool[Tensor, "users k"], num_relevant: Int[Tensor, " users"]) -> Float64[Tensor, " users"]:
    """1 for a user with at least one held-out item in the list, else 0.

    Args:
        hits: whether the item at each rank is a held-out one.
        num_relevant: number of held-out items of each user; not needed here, the same signature for all.

    Example:
        >>> hit_ratio(torch.tensor([[False, True], [False, False]]), torch.tensor([1, 1]))
        tensor([1., 0.], dtype=torch.float64)
    """
    return hits.any(-1).double()


def _ranks(hits: Tensor) -> Tensor:
    return torch.arange(1, hits.size(1) + 1, dtype=torch.float64, device=hits.device)


METRICS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "recall": recall,
    "ndcg": ndcg,
    "precision": precision,
    "map": average_precision,
    "mrr": reciprocal_rank,
    "hit_ratio": hit_ratio,
}
"""The functions by the name that configs and reports use."""
