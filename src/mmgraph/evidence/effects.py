"""What a change of the features costs, against two floors of noise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any, NamedTuple

import torch

from mmgraph.evaluation import Evaluation

_NORMAL = 1.96
BEYOND, WITHIN, HURTS, UNKNOWN = (
    "beyond the floor",
    "within the floor",
    "beyond the floor (hurts)",
    "no floor: one seed",
)


class Change(NamedTuple):
    """What was done.

    Attributes:
        kind: ``permuted``, ``removed`` or ``trained on`` a control.
        modalities: to which.
    """

    kind: str
    modalities: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a change costs in one metric; costs are level minus changed, so that what helps costs something.

    Args:
        change: what was done.
        split: where it was ranked.
        metric: its name.
        levels: the metric of each run as it is, by seed.
        changed: after the change, in the same order; means over permutations.
        over_permutations: deviation over the permutations of a run, mean over runs; None where there were not several.
        over_users: half of the 95% interval of the cost over users, mean over runs; None where users have no value.
        same_ranking: whether the change left every list's hits as they were.
    """

    change: Change
    split: str
    metric: str
    levels: Mapping[int, float]
    changed: Mapping[int, float]
    over_permutations: float | None = None
    over_users: float | None = None
    same_ranking: bool = False

    @property
    def cost(self) -> float:
        """Mean over seeds."""
        return fmean(self.costs)

    @property
    def costs(self) -> list[float]:
        """By seed."""
        return [self.levels[seed] - self.changed[seed] for seed in self.levels]

    @property
    def level_floor(self) -> float | None:
        """Twice the deviation of the level over seeds; None for one seed."""
        return _floor(list(self.levels.values()))

    @property
    def paired_floor(self) -> float | None:
        """Twice the deviation of the cost over seeds; None for one seed."""
        return _floor(self.costs)

    @property
    def verdict(self) -> str:
        """Whether the cost is larger than both floors.

        Example:
            >>> text = Change("permuted", ("text",))
            >>> Effect(change=text, split="val", metric="recall@20", levels={0: 0.3, 1: 0.302},
            ...        changed={0: 0.2, 1: 0.203}).verdict
            'beyond the floor'
        """
        if self.level_floor is None or self.paired_floor is None:
            return UNKNOWN
        if abs(self.cost) <= max(self.level_floor, self.paired_floor):
            return WITHIN
        return BEYOND if self.cost > 0 else HURTS

    def row(self) -> dict[str, Any]:
        """All of it as plain values, for files."""
        return {
            "change": self.change.kind,
            "modalities": " ".join(self.change.modalities),
            "split": self.split,
            "metric": self.metric,
            "level": fmean(self.levels.values()),
            "changed": fmean(self.changed.values()),
            "cost": self.cost,
            "level_floor": self.level_floor,
            "paired_floor": self.paired_floor,
            "over_permutations": self.over_permutations,
            "over_users": self.over_users,
            "verdict": self.verdict,
            "same_ranking": self.same_ranking,
            "seeds": " ".join(map(str, self.levels)),
            "costs": " ".join(f"{cost:.6f}" for cost in self.costs),
        }


class Measured(NamedTuple):
    """One run, one split, one change: what it was and what became of it.

    Attributes:
        seed: of the run.
        base: as it is.
        changed: after each permutation, or the one removal.
    """

    seed: int
    base: Evaluation
    changed: Sequence[Evaluation]


def effects_of(change: Change, split: str, measured: Sequence[Measured]) -> list[Effect]:
    """The effects on every metric, of several runs together.

    Args:
        change: what was done to each.
        split: where it was ranked.
        measured: one for each run.
    """
    return [
        Effect(
            change=change,
            split=split,
            metric=metric,
            levels={each.seed: each.base.metrics[metric] for each in measured},
            changed={each.seed: fmean(x.metrics[metric] for x in each.changed) for each in measured},
            over_permutations=_over_permutations(measured, metric),
            over_users=_over_users(measured, metric),
            same_ranking=all(torch.equal(x.hits.hit, each.base.hits.hit) for each in measured for x in each.changed),
        )
        for metric in measured[0].base.metrics
    ]


def _over_permutations(measured: Sequence[Measured], metric: str) -> float | None:
    if len(measured[0].changed) < 2:
        return None
    return fmean(stdev(x.metrics[metric] for x in each.changed) for each in measured)


def _over_users(measured: Sequence[Measured], metric: str) -> float | None:
    if metric not in measured[0].base.per_user:
        return None
    costs = [
        each.base.per_user[metric] - torch.stack([x.per_user[metric] for x in each.changed]).mean(dim=0)
        for each in measured
    ]
    return fmean(_NORMAL * float(cost.std()) / cost.numel() ** 0.5 for cost in costs)


def _floor(values: Sequence[float]) -> float | None:
    return 2 * stdev(values) if len(values) > 1 else None
