"""Which nodes a contrast compares with which."""

from typing import NamedTuple

import torch
from torch import Tensor

from mmgraph.losses.views import Side, take


class Rows(NamedTuple):
    """Rows of one side: None means all of them.

    ``outside`` marks anchors that are not among the candidates, ``times`` is how often each anchor counts, and each
    candidate where these are the anchors (None: once).
    """

    anchors: Tensor | None
    candidates: Tensor | None
    outside: Tensor | None = None
    times: Tensor | None = None


class Distinct(NamedTuple):
    """Rows of which some are there several times: ``nodes[place]``; ``times`` is how often each node is there.

    On a GPU they are left as they are, without place and times: how many different ones there are would be waited for.
    """

    nodes: Tensor
    place: Tensor | None
    times: Tensor | None


def distinct(rows: Tensor) -> Distinct:
    """Each of the rows once."""
    if not rows.is_cpu:
        return Distinct(rows, None, None)
    return Distinct(*rows.unique(return_inverse=True, return_counts=True))


def count_repeats(anchors: Tensor | None, candidates: Tensor | None) -> Rows:
    """An anchor that is there n times is contrasted once and counts n times, and so does a candidate: the same number.

    Args:
        anchors: which rows.
        candidates: the same object, or all rows (None).
    """
    if anchors is None:
        return Rows(anchors, candidates)
    once = distinct(anchors)
    return Rows(once.nodes, once.nodes if candidates is anchors else candidates, times=once.times)


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
