"""Which nodes a contrast compares with which."""

from typing import NamedTuple

import torch
from torch import Tensor

from mmgraph.losses.views import Side, take


class Rows(NamedTuple):
    """Rows of one side: None means all of them.

    ``outside`` marks anchors that are not among the candidates, ``times`` is how often each anchor counts (None: once).
    """

    anchors: Tensor | None
    candidates: Tensor | None
    outside: Tensor | None = None
    times: Tensor | None = None


def count_repeats(anchors: Tensor | None, candidates: Tensor | None) -> Rows:
    """Among all candidates, an anchor that is there n times is contrasted once and counts n times: the same number.

    On a GPU it is contrasted n times: how many different ones there are would be waited for.
    """
    if anchors is None or not anchors.is_cpu:
        return Rows(anchors, candidates)
    anchors, count = anchors.unique(return_counts=True)
    return Rows(anchors, candidates, times=count)


def subset_rows(table: Tensor, anchors: Tensor | None, candidates: Tensor | None) -> Rows:
    """Marks the anchors that are not among the candidates; both are rows of ``table``."""
    absent = torch.ones(table.size(0), dtype=torch.bool, device=table.device)
    absent[candidates] = False
    return Rows(anchors, candidates, take(absent, anchors))


def sample(size: int, counts: dict[Side, int], *, joint: bool, device: torch.device) -> dict[Side, Tensor]:
    """Positions drawn without replacement: ``size`` from all sides together, or from each of them."""
    if not joint:
        return {side: torch.randperm(count, device=device)[:size] for side, count in counts.items()}
    chosen = torch.randperm(sum(counts.values()), device=device)[:size]
    drawn: dict[Side, Tensor] = {}
    start = 0
    for side, count in counts.items():
        drawn[side] = chosen[(chosen >= start) & (chosen < start + count)] - start
        start += count
    return drawn
