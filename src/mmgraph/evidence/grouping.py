"""Users or items divided into groups: by how many interactions they have, or by a text for each."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor

MOST_GROUPS = 20
OTHERS = "others"
HEAD_SHARE = 0.2
"""Share of the items that make up the head, as is usual in work on the long tail."""


class Grouping(NamedTuple):
    """Which group each node belongs to.

    Attributes:
        names: of the groups.
        label: a row of ``names`` for each node ``(nodes,)``; -1 for those that are in none.
    """

    names: list[str]
    label: Int64[Tensor, " nodes"]


def by_bounds(counts: Tensor, bounds: Sequence[int]) -> Grouping:
    """Groups of nodes whose counts end with each bound, and one of those beyond the last.

    Args:
        counts: number of interactions of each node.
        bounds: the largest count of each group, ascending.

    Raises:
        ValueError: if the bounds do not ascend from 0 or more.

    Example:
        >>> by_bounds(torch.tensor([0, 5, 6, 40]), [5, 10])
        Grouping(names=['0-5', '6-10', '>10'], label=tensor([0, 0, 1, 2]))
    """
    if not bounds or bounds[0] < 0 or any(after <= before for before, after in pairwise(bounds)):
        raise ValueError(f"bins must be the largest count of each group, ascending, such as [5,10,20]; got {bounds}")
    first = [0, *(bound + 1 for bound in bounds[:-1])]
    names = [str(low) if low == high else f"{low}-{high}" for low, high in zip(first, bounds, strict=True)]
    return Grouping([*names, f">{bounds[-1]}"], torch.bucketize(counts.long(), torch.tensor(bounds)))


def by_size(counts: Tensor, groups: int, *, of: Tensor) -> Grouping:
    """Groups of about equally many nodes; those with the same count are in the same group.

    Args:
        counts: number of interactions of each node.
        groups: how many; fewer where counts repeat.
        of: which nodes are to be divided evenly, by row.

    Raises:
        ValueError: if there are not two groups.

    Example:
        >>> by_size(torch.tensor([1, 2, 3, 9]), 2, of=torch.arange(4))
        Grouping(names=['1-2', '3-9'], label=tensor([0, 0, 1, 1]))
    """
    if groups < 2:
        raise ValueError(f"bins={groups}: there must be at least two groups")
    among = counts[of].long()
    places = torch.arange(1, groups) * among.numel() // groups - 1
    bounds = among.sort().values[places.clamp(min=0)].unique()
    label = torch.bucketize(counts.long(), bounds)
    names = [_range(among[label[of] == group]) for group in range(bounds.numel() + 1)]
    kept = [group for group, name in enumerate(names) if name]
    place = torch.full((len(names),), -1)
    place[kept] = torch.arange(len(kept))
    return Grouping([names[group] for group in kept], place[label])


def _range(counts: Tensor) -> str:
    if not counts.numel():
        return ""
    low, high = int(counts.min()), int(counts.max())
    return str(low) if low == high else f"{low}-{high}"


def head_and_tail(counts: Tensor) -> Grouping:
    """The most popular fifth of the items, and the rest.

    Example:
        >>> head_and_tail(torch.tensor([3, 9, 0, 2, 1]))
        Grouping(names=['head', 'tail'], label=tensor([1, 0, 1, 1, 1]))
    """
    order = counts.argsort(descending=True, stable=True)
    label = torch.ones_like(order)
    label[order[: max(1, round(HEAD_SHARE * order.numel()))]] = 0
    return Grouping(["head", "tail"], label)


def warm_and_cold(counts: Tensor) -> Grouping:
    """Nodes with a train interaction, and those without.

    Example:
        >>> warm_and_cold(torch.tensor([3, 0]))
        Grouping(names=['warm', 'cold'], label=tensor([0, 1]))
    """
    return Grouping(["warm", "cold"], (counts == 0).long())


def by_text(texts: Sequence[str | None]) -> Grouping:
    """A group for each text, the most frequent first; beyond :data:`MOST_GROUPS` the rest are others.

    Args:
        texts: of each node; None or an empty one: it is in no group.

    Example:
        >>> by_text(["hat", "shoe", None, "shoe"])
        Grouping(names=['shoe', 'hat'], label=tensor([ 1,  0, -1,  0]))
    """
    counted = Counter(text for text in texts if text)
    ordered = sorted(counted, key=lambda text: (-counted[text], text))
    names = ordered if len(ordered) <= MOST_GROUPS else [*ordered[: MOST_GROUPS - 1], OTHERS]
    place = {text: min(row, len(names) - 1) for row, text in enumerate(ordered)}
    return Grouping(names, torch.from_numpy(np.array([place.get(text or "", -1) for text in texts], dtype=np.int64)))
