"""How lists spread over the items, exactly, in memory for one number an item: no pair of lists is ever compared."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch_geometric.data import HeteroData

BLOCK_LISTS = 4096
"""Lists looked at together where a number for each place is held."""
HEAD = 5
"""One item in so many is of the head, by popularity; all others are the tail."""


class Items(NamedTuple):
    """What is known of the items beside the lists.

    Attributes:
        degree: train interactions of each ``(items,)``.
        num_users: users of the data.
    """

    degree: Tensor
    num_users: int

    @classmethod
    def of(cls, data: HeteroData) -> "Items":
        """Those of a data set."""
        return cls(data["item"].degree.cpu(), int(data["user"].num_nodes))


def gini(lists: Int[Tensor, "users k"], items: Items) -> float:
    r"""Inequality of how often items are listed: 0 if all are equally often, near 1 if few have all places.

    Adomavicius and Kwon, "Improving Aggregate Recommendation Diversity Using Ranking-Based Techniques", TKDE 2012.

    .. math:: \frac{\sum_{i=1}^{n} (2 i - n - 1)\, c_i}{n \sum_i c_i}, \quad c_1 \le \dots \le c_n

    Args:
        lists: item indices, best first, -1 behind the end of a short list.
        items: the items, those that nobody is shown among them.

    Example:
        >>> gini(torch.tensor([[0, 1], [0, 1]]), Items(torch.ones(4), num_users=2))
        0.5
    """
    count = _counts(lists, items).sort().values.double()
    n = count.numel()
    place = torch.arange(1, n + 1, dtype=torch.float64)
    return float(((2 * place - n - 1) * count).sum() / (n * count.sum().clamp(min=1)))


def tail_coverage(lists: Int[Tensor, "users k"], items: Items) -> float:
    """Share of the tail's items that stand in at least one list; the tail is what is not among the most popular fifth.

    Items as popular as the first that is not among them belong to the tail, so that no order of the items matters.

    Args:
        lists: item indices, best first, -1 behind the end of a short list.
        items: the items with their popularity.

    Example:
        >>> tail_coverage(torch.tensor([[0, 1]]), Items(torch.tensor([9, 1, 1, 2, 3]), num_users=9))
        0.25
    """
    first_outside = items.degree.sort(descending=True).values[items.degree.numel() // HEAD]
    tail = items.degree <= first_outside
    return float((_counts(lists, items)[tail] > 0).double().mean())


def novelty(lists: Int[Tensor, "users k"], items: Items) -> float:
    r"""Mean self-information of the listed items in bits: how surprising it is that somebody has them.

    Zhou et al., "Solving the apparent diversity-accuracy dilemma of recommender systems", PNAS 2010.

    .. math:: -\log_2 (degree_i / |users|), \text{ mean over a list, then over lists}

    An item without a train interaction counts as one with a single one.

    Args:
        lists: item indices, best first, -1 behind the end of a short list.
        items: the items with their popularity.

    Example:
        >>> novelty(torch.tensor([[0, 1], [0, -1]]), Items(torch.tensor([4, 1]), num_users=8))
        1.5
    """
    information = -(items.degree.double().clamp(min=1) / items.num_users).log2()
    total = 0.0
    for block in lists.split(BLOCK_LISTS):
        listed = block >= 0
        found = information[block.clamp(min=0).long()] * listed
        total += float((found.sum(-1) / listed.sum(-1).clamp(min=1)).sum())
    return total / max(int((lists >= 0).any(-1).sum()), 1)


def personalization(lists: Int[Tensor, "users k"], items: Items) -> float:
    r"""How different the lists of two users are: 1 minus the cosine of their items, mean over all pairs of users.

    Zhou et al. (above) call it inter-user diversity. All pairs together cost no more than one list each:

    .. math:: \sum_{u \ne v} \cos(u, v) = \sum_i \Big( \sum_{u \ni i} 1 / \sqrt{|u|} \Big)^2 - |users|

    Args:
        lists: item indices, best first, -1 behind the end of a short list; empty lists do not count.
        items: the items.

    Example:
        >>> round(personalization(torch.tensor([[0, 1], [0, 2]]), Items(torch.ones(3), num_users=2)), 6)
        0.5
    """
    weight = _lengths(lists).clamp(min=1).double().rsqrt()
    share = _counts(lists, items, weight)
    count = int((_lengths(lists) > 0).sum())
    return float(1 - ((share**2).sum() - count) / (count * (count - 1))) if count > 1 else 0.0


def _lengths(lists: Tensor) -> Tensor:
    return (lists >= 0).sum(-1)


def _counts(lists: Tensor, items: Items, weight: Float[Tensor, " users"] | None = None) -> Tensor:
    """In how many lists each item stands, or the sum of the weights of these."""
    size = items.degree.numel()
    count = torch.zeros(size, dtype=torch.long if weight is None else torch.float64)
    for start in range(0, lists.size(0), BLOCK_LISTS):
        block = lists[start : start + BLOCK_LISTS]
        listed = block >= 0
        of_list = None if weight is None else weight[start : start + BLOCK_LISTS, None].expand_as(block)[listed]
        count += torch.bincount(block[listed].long(), weights=of_list, minlength=size)
    return count


EXPOSURE: dict[str, Callable[[Tensor, Items], float]] = {
    "gini": gini,
    "tail_coverage": tail_coverage,
    "novelty": novelty,
    "personalization": personalization,
}
"""The functions by the name that configs and reports use."""
