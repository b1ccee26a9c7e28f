"""Metrics of a group of runs with 95% intervals over users, split by split."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean, stdev
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float64
from scipy import stats
from torch import Tensor

from mmgraph.evaluation.metrics import METRICS
from mmgraph.evidence.finished import FinishedRun, RunGroup
from mmgraph.evidence.page.plain import short
from mmgraph.pipeline.report import metrics_and_lengths

SPLITS = ("val", "test")
_LEVEL = 0.95


class Interval(NamedTuple):
    """A metric of a group of runs.

    Attributes:
        mean: over seeds; None where the reports lack it.
        deviation: over seeds; None for a single one.
        low: lower end of the interval, of the mean over users; None without values of single users.
        high: upper end.
    """

    mean: float | None
    deviation: float | None
    low: float | None
    high: float | None

    def plain(self) -> list[float | None]:
        """As the page has it."""
        return [short(value) for value in self]


@dataclass(frozen=True)
class Measures:
    """What a group of runs came to.

    Args:
        group: the runs.
        users: users of each split that has values of single users.
        values: these values, the mean over seeds, by split and metric.
        missing: why there are no such values; None if they are there.
    """

    group: RunGroup
    users: dict[str, Tensor]
    values: dict[str, dict[str, Tensor]]
    missing: str | None = None

    @classmethod
    def of(cls, group: RunGroup) -> "Measures":
        """Reads them; ranks runs of earlier versions again, once."""
        try:
            users = {split: _same_users(group.runs, split) for split in group.runs[0].hits}
            values = {split: _mean_values(group, split) for split in users}
        except (OSError, ValueError) as error:
            return cls(group, {}, {}, str(error))
        return cls(group, users, values)

    @cached_property
    def names(self) -> list[str]:
        """All metrics of the reports."""
        report = self.group.runs[0].report
        return list(dict.fromkeys([*report.val, *report.test]))

    def interval(self, split: str, name: str) -> Interval:
        """A metric of a split."""
        reported = [getattr(run.report, split).get(name) for run in self.group.runs]
        found = [value for value in reported if value is not None]
        mean = fmean(found) if found else None
        deviation = stdev(found) if len(found) > 1 else None
        values = self.values.get(split, {}).get(name)
        low, high = (None, None) if values is None else mean_interval(values.numpy())
        return Interval(mean, deviation, low, high)

    def table(self) -> dict[str, Any]:
        """All metrics by length of list, for the page."""
        metrics, ks = metrics_and_lengths(self.group.runs[0].report)
        rows = {
            split: [[metric, *(self.interval(split, f"{metric}@{k}").plain() for k in ks)] for metric in metrics]
            for split in SPLITS
        }
        return {"ks": ks, **rows}


def mean_interval(values: Float64[np.ndarray, " users"]) -> tuple[float | None, float | None]:
    """Student's 95% interval of a mean over users, within what a metric can be; None for a single user.

    >>> [round(end, 3) for end in mean_interval(np.array([0.0, 1.0] * 50))]
    [0.4, 0.6]
    """
    if values.size < 2:
        return None, None
    mean = float(values.mean())
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    half = float(stats.t.ppf((1 + _LEVEL) / 2, values.size - 1)) * error
    return max(0.0, mean - half), min(1.0, mean + half)


def _same_users(runs: Sequence[FinishedRun], split: str) -> Tensor:
    first = runs[0].hits[split].user
    if not all(torch.equal(first, run.hits[split].user) for run in runs):
        raise ValueError(f"{runs[0].folder} and its other seeds ranked different users of {split}")
    return first


def _mean_values(group: RunGroup, split: str) -> dict[str, Tensor]:
    """Values of single users by metric, the mean over seeds."""
    report = group.runs[0].report
    width = group.runs[0].hits[split].hit.size(1)
    metrics, ks = metrics_and_lengths(report)
    names = [f"{metric}@{k}" for metric in metrics if metric in METRICS for k in ks if k <= width]
    found = [run.hits[split].values(names) for run in group.runs]
    return {name: torch.stack([values[name] for values in found]).mean(0) for name in names}
