"""Which weights of a fusion are best on validation."""

from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from math import comb
from typing import NamedTuple

import torch
from torch import Tensor

from mmgraph.evaluation import Hits
from mmgraph.evaluation.pairs import PairSet
from mmgraph.evaluation.ranking import top_k
from mmgraph.pipeline.serving import Fusion, Serving
from mmgraph.pipeline.serving.fusion import weighted_sum

MOST_MEMBERS = 12
_MOST_POINTS = 100
_STEPS = (20, 10, 5, 4, 3, 2)
"""Into how many parts a weight of 1 is cut: as many as keep the number of points below that."""
_CHUNK = 256

Weights = tuple[float, ...]


class Chosen(NamedTuple):
    """The outcome of a search.

    Attributes:
        weights: the best ones.
        value: of the metric with these, on validation.
        tried: how many were looked at.
    """

    weights: Weights
    value: float
    tried: int


def weight_grid(members: int) -> list[Weights]:
    """Weights that sum to 1, evenly spread, those that are most alike first.

    Args:
        members: how many there are, from 2 to :data:`MOST_MEMBERS`.

    Example:
        >>> len(weight_grid(2)), weight_grid(2)[0], weight_grid(2)[-1]
        (21, (0.5, 0.5), (1.0, 0.0))
        >>> [len(weight_grid(members)) for members in (3, 4, 5, 6, 12)]
        [66, 56, 70, 56, 78]
    """
    steps = next(steps for steps in _STEPS if comb(steps + members - 1, members - 1) <= _MOST_POINTS)
    found = []
    for bars in combinations(range(steps + members - 1), members - 1):
        ends = (-1, *bars, steps + members - 1)
        found.append(tuple((end - start - 1) / steps for start, end in pairwise(ends)))
    return sorted(found, key=lambda weights: (max(weights), weights))


@torch.no_grad()
def choose_weights(
    fused: Serving,
    users: Tensor,
    *,
    known: PairSet,
    targets: PairSet,
    metric: str,
    on_users: Callable[[int], None] = lambda count: None,
) -> Chosen:
    """Tries every point of :func:`weight_grid`, in one pass over the users; of equal ones the first is taken.

    Holds a few times 256 x items x members numbers, whatever the number of users.

    Args:
        fused: what serves the members, with any weights above 0.
        users: whom to rank for.
        known: what is left out of their lists.
        targets: what should stand there: validation, never test.
        metric: of single users, ``"recall@20"``.
        on_users: is told how many more are done.
    """
    fusion = fused.scorer
    assert isinstance(fusion, Fusion)
    grid = weight_grid(len(fusion.members))
    total = torch.zeros(len(grid), dtype=torch.float64)
    length = min(int(metric.partition("@")[2]), known.num_items)
    for user in users.split(_CHUNK):
        parts = list(fusion.parts(fused.encoding, user))
        for point, hits in enumerate(_hits(parts, grid, user, known, targets, length)):
            total[point] += hits.value(metric).sum()
        on_users(user.numel())
    best = int(total.argmax())
    return Chosen(grid[best], float(total[best]) / users.numel(), len(grid))


def _hits(
    parts: list[Tensor | None], grid: list[Weights], user: Tensor, known: PairSet, targets: PairSet, k: int
) -> Iterator[Hits]:
    """What the lists of some users find with each of the weights."""
    wanted = torch.zeros(user.numel(), targets.num_items, dtype=torch.bool)
    wanted[targets.entries(user)] = True
    left_out = known.entries(user)
    relevant = targets.counts(user)
    for weights in grid:
        scores = weighted_sum(iter(parts), weights)
        scores[left_out] = -torch.inf
        value, item = top_k(scores, k)
        yield Hits(user, wanted.gather(1, item) & (value != -torch.inf), relevant)
