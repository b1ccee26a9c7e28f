"""Which row a paper has first, and which comes first here: a sentence for each data set and contest."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from mmgraph.evidence.finished import FinishedRun
from mmgraph.evidence.reproduce.collect import Found, dataset_name
from mmgraph.evidence.reproduce.item import Item, Row

_METRIC = "recall@20"
_SPREAD = 2
"""Standard errors over seeds that a difference must exceed."""


@dataclass(frozen=True)
class _Measured:
    """A row and what its runs came to."""

    row: Row
    values: list[float]

    @property
    def mean(self) -> float:
        return fmean(self.values)

    @property
    def variance(self) -> float:
        """Of the mean, over seeds; 0 where one run is all that there is."""
        return stdev(self.values) ** 2 / len(self.values) if len(self.values) > 1 else 0.0

    def __str__(self) -> str:
        deviation = f" ± {stdev(self.values):.4f}" if len(self.values) > 1 else ""
        return f"{self.row.label} ({self.mean:.4f}{deviation})"


def claims(item: Item, found: Found, datasets: Sequence[str]) -> list[str]:
    """Sentences; none for an item whose paper states no figures.

    Args:
        item: the item.
        found: its finished runs.
        datasets: what ours are of.
    """
    metric = _METRIC if _METRIC in item.columns else next(iter(item.columns))
    return [
        sentence
        for rivals in _contests(item)
        for dataset in datasets
        if (sentence := _sentence(item, rivals, metric, dataset, found))
    ]


def _contests(item: Item) -> Iterator[list[Row]]:
    """The published rows that are rivals."""
    published = [row for row in item.rows if row.published]
    sections = dict.fromkeys(row.section for row in published) if item.by_section else [None]
    for section in sections:
        yield [row for row in published if section in (None, row.section)]


def _sentence(item: Item, rivals: Sequence[Row], metric: str, dataset: str, found: Found) -> str | None:
    firsts = _firsts(item, rivals, metric)
    measured = [_measured(row, metric, found[row, dataset]) for row in rivals if (row, dataset) in found]
    if not firsts or len(measured) < 2:
        return None
    ranked = sorted(measured, key=lambda each: each.mean, reverse=True)
    places = {each.row.label: place for place, each in enumerate(ranked, 1)}
    claimed = [ranked[places[label] - 1] for label in firsts if label in places]
    stated = "; ".join(f"{label} first on {', '.join(names)}" for label, names in firsts.items())
    name = item.columns[metric]
    here = f"On {dataset_name(item, dataset)}, {name}, the paper has {stated}"
    if ranked[0] in claimed:
        return f"{here}; so it is here: {ranked[0]}, before {ranked[1]}{_hedge(*ranked[:2])}."
    others = [
        f"{each} is number {places[each.row.label]} of {len(ranked)}{_hedge(ranked[0], each)}" for each in claimed
    ]
    return f"{here}; here {ranked[0]} is first, {', '.join(others) or 'which is not made'}."


def _firsts(item: Item, rivals: Sequence[Row], metric: str) -> dict[str, list[str]]:
    """The labels that the paper has first, with its names of the data sets where it has."""
    place = list(item.columns).index(metric)
    firsts: dict[str, list[str]] = {}
    for dataset, name in item.datasets.items():
        of_dataset = {row.label: row.published[dataset][place] for row in rivals if dataset in row.published}
        stated = {label: value for label, value in of_dataset.items() if value is not None}
        if stated:
            firsts.setdefault(max(stated, key=lambda label: stated[label]), []).append(name)
    return firsts


def _measured(row: Row, metric: str, runs: Sequence[FinishedRun]) -> _Measured:
    return _Measured(row, [run.report.test[metric] for run in runs])


def _hedge(one: _Measured, other: _Measured) -> str:
    """Whether seeds alone may have brought a difference."""
    if min(len(one.values), len(other.values)) < 2:
        return ""
    error = math.sqrt(one.variance + other.variance)
    return ", within what seeds differ by" if abs(one.mean - other.mean) < _SPREAD * error else ""
