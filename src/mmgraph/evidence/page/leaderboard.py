"""A row for each group of runs, and which of them cannot be told apart from the best of their data set."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np
import torch

from mmgraph.evidence.page.arena import arena
from mmgraph.evidence.page.measures import Measures
from mmgraph.evidence.page.plain import short
from mmgraph.evidence.row_names import set_apart
from mmgraph.evidence.run_time import training_seconds
from mmgraph.evidence.statistics import holm, t_p
from mmgraph.pipeline.report import RunReport

LEVEL = 0.05
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_LONGEST = 60


def leaderboard(measures: Sequence[Measures], metric: str) -> list[dict[str, Any]]:
    """A row for each group, in their order.

    Args:
        measures: of each group.
        metric: what is compared, such as ``"recall@20"``.

    Raises:
        ValueError: if no run has the metric; lists those that there are.
    """
    names = list(dict.fromkeys(name for found in measures for name in found.names))
    if metric not in names:
        raise ValueError(f"metric={metric}: no run has it; they have {', '.join(names)}")
    slugs = _slugs(measures)
    more = set_apart([found.group for found in measures])
    rows = [_row(found, metric, slug, words) for found, slug, words in zip(measures, slugs, more, strict=True)]
    for row, against in zip(rows, _against_best(measures, metric), strict=True):
        row["against"] = against
    return rows


def best_first(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """By what rows are sorted: their data set, then the test metric; those without one come last."""
    mean = row["test"][0]
    return row["dataset"], row["arena"], mean is None, -(mean or 0.0)


def _slugs(measures: Sequence[Measures]) -> list[str]:
    """A name for the address of each group, each its own."""
    taken: defaultdict[str, int] = defaultdict(int)
    slugs = []
    for found in measures:
        report = found.group.runs[0].report
        slug = _NOT_PLAIN.sub("-", f"{report.dataset} {found.group.name}".lower()).strip("-")[:_LONGEST]
        taken[slug] += 1
        slugs.append(slug if taken[slug] == 1 else f"{slug}--{taken[slug]}")
    return slugs


def _row(found: Measures, metric: str, slug: str, more: Sequence[str]) -> dict[str, Any]:
    reports = [run.report for run in found.group.runs]
    first = reports[0]
    return {
        "slug": slug,
        "model": first.model,
        "words": " ".join([found.group.runs[0].words, *more]).strip(),
        "dataset": first.dataset,
        "arena": arena(first),
        "seeds": found.group.seeds,
        "val": found.interval("val", metric).plain(),
        "test": found.interval("test", metric).plain(),
        "epoch_seconds": _mean([report.seconds_per_epoch for report in reports]),
        "minutes": _mean([minutes(report) for report in reports]),
        "memory": _mean([_mebibytes(report) for report in reports]),
        "parameters": _mean([report.parameters for report in reports]),
    }


def minutes(report: RunReport) -> float | None:
    """Time of training in all, by :func:`mmgraph.evidence.run_time.training_seconds`."""
    seconds = training_seconds(report)
    return None if seconds is None else seconds / 60


def _mebibytes(report: RunReport) -> float | None:
    sizes = report.peak_memory_bytes.values()
    return max(sizes) / 2**20 if sizes else None


def _mean(values: Sequence[float | None]) -> float | None:
    found = [value for value in values if value is not None]
    return short(fmean(found)) if found else None


def _against_best(measures: Sequence[Measures], metric: str) -> list[dict[str, Any] | None]:
    """Of each group whether it is the best of its arena, or the adjusted p of a paired t test against that one.

    The values are test metrics of single users, means over seeds; p is adjusted over the groups of the arena (Holm).
    """
    by_arena: defaultdict[str, list[int]] = defaultdict(list)
    for place, found in enumerate(measures):
        if "test" in found.users and metric in found.values["test"]:
            by_arena[arena(found.group.runs[0].report)].append(place)
    against: list[dict[str, Any] | None] = [None] * len(measures)
    for places in by_arena.values():
        best = max(places, key=lambda place: float(measures[place].values["test"][metric].mean()))
        against[best] = {"best": True}
        others = [place for place in places if place != best and _comparable(measures[place], measures[best])]
        top = measures[best].values["test"][metric].numpy()
        p = holm(np.array([t_p(measures[place].values["test"][metric].numpy() - top) for place in others], dtype=float))
        for place, value in zip(others, p.tolist(), strict=True):
            against[place] = {"best": False, "p": short(value), "apart": value < LEVEL}
    return against


def _comparable(found: Measures, best: Measures) -> bool:
    """Whether both ranked the same users; the best group's own evaluator may leave out cold ones."""
    return torch.equal(found.users["test"], best.users["test"])
