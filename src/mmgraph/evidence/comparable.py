"""Which runs may be compared, and what each gave to every user."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float64

from mmgraph.evaluation import Hits
from mmgraph.evidence.finished import FinishedRun, RunGroup
from mmgraph.evidence.row_names import row_names

_SHORT = 12


class Contender(NamedTuple):
    """Runs that share a row of a comparison.

    Attributes:
        name: for the row.
        group: the runs, by seed.
        values: of each user, the mean over seeds.
        by_seed: means over users, a number for each seed.
    """

    name: str
    group: RunGroup
    values: Float64[np.ndarray, " users"]
    by_seed: list[float]

    @property
    def deviation(self) -> float | None:
        """Standard deviation over seeds; 0 for a closed form, which has none; None of one seed: nobody knows."""
        if len(self.by_seed) > 1:
            return float(np.std(self.by_seed, ddof=1))
        return 0.0 if is_closed_form(self.group.runs[0]) else None


def is_closed_form(run: FinishedRun) -> bool:
    """Whether another seed would give the same."""
    return run.report.best_epoch is None and run.report.fusion is None


def check_comparable(runs: Sequence[FinishedRun], split: str) -> None:
    """Refuses runs that say nothing about each other.

    Raises:
        ValueError: if two are the same run, of different splits of the data, or ranked by different rules; names both.
    """
    _check_distinct(runs)
    first = runs[0]
    for run in runs[1:]:
        if run.report.split_hash != first.report.split_hash:
            raise ValueError(
                f"{first.folder} ({first.report.dataset}) and {run.folder} ({run.report.dataset}) are of different "
                f"splits, {first.report.split_hash[:_SHORT]} and {run.report.split_hash[:_SHORT]}: compare runs of the "
                "same data and the same split"
            )
        if _protocol(run, split) != _protocol(first, split):
            raise ValueError(
                f"{first.folder} and {run.folder} ranked {split} by different rules, {_protocol(first, split)} and "
                f"{_protocol(run, split)}: train both with the same evaluator"
            )


def _check_distinct(runs: Sequence[FinishedRun]) -> None:
    seen: dict[tuple[str, int], FinishedRun] = {}
    for run in runs:
        key = run.identity, run.report.seed
        if key in seen:
            raise ValueError(
                f"{seen[key].folder} and {run.folder} are the same run ({run.name}, seed {run.report.seed}): name one "
                "of the two"
            )
        seen[key] = run


def _protocol(run: FinishedRun, split: str) -> dict[str, Any]:
    """What is left out of the lists, and who is ranked."""
    evaluator = run.report.config.get("evaluator") or {}
    return {"mask": (evaluator.get("mask") or {}).get(split), "cold_users": evaluator.get("cold_users", "keep")}


def contenders(groups: Sequence[RunGroup], split: str, metric: str) -> list[Contender]:
    """What each group gave to every user.

    Raises:
        ValueError: if a run did not rank the split, ranked other users, or has no such metric of single users.
    """
    first = groups[0].runs[0]
    reference = _hits(first, split)
    found = []
    for name, group in zip(row_names(groups), groups, strict=True):
        values = [_values(run, split, metric, first, reference) for run in group.runs]
        found.append(Contender(name, group, np.mean(values, axis=0), [float(value.mean()) for value in values]))
    return found


def _values(run: FinishedRun, split: str, metric: str, first: FinishedRun, reference: Hits) -> np.ndarray:
    hits = _hits(run, split)
    if not torch.equal(hits.user, reference.user):
        raise ValueError(
            f"{first.folder} and {run.folder} ranked different users, {reference.user.numel():,} and "
            f"{hits.user.numel():,}: compare runs of the same evaluator and data"
        )
    return hits.value(metric).numpy()


def _hits(run: FinishedRun, split: str) -> Hits:
    if split not in run.hits:
        raise ValueError(f"split={split!r}: {run.folder} ranked {', '.join(run.hits)}")
    return run.hits[split]
