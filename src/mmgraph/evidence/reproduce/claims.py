"""Which row a paper has first, and which comes first here: a sentence for each data set and contest."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mmgraph.evidence.comparison import SEEDS, SPREAD, seed_error
from mmgraph.evidence.finished import FinishedRun
from mmgraph.evidence.reproduce.collect import Found, dataset_name
from mmgraph.evidence.reproduce.item import Item, Row
from mmgraph.evidence.table import Cell

_METRIC = "recall@20"


class _Measured(NamedTuple):
    """A row and what its runs, of which there are some, came to."""

    row: Row
    cell: Cell

    @property
    def mean(self) -> float:
        assert self.cell.mean is not None
        return self.cell.mean

    def __str__(self) -> str:
        deviation = "" if self.cell.deviation is None else f" ± {self.cell.deviation:.4f}"
        return f"{self.row.label} ({self.mean:.4f}{deviation})"


def claims(item: Item, found: Found, datasets: Sequence[str]) -> list[str]:
    """Sentences; none for an item of which its paper states nothing.

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
    """The paper's rows that are rivals: of a table those with values, of curves and bars without values all."""
    stated = any(row.first_on for row in item.rows) or (item.figure is not None and item.claim is not None)
    rows = [row for row in item.rows if row.published] or (list(item.rows) if stated else [])
    sections = dict.fromkeys(row.section for row in rows) if item.by_section else [None]
    for section in sections:
        yield [row for row in rows if section in (None, row.section)]


def _sentence(item: Item, rivals: Sequence[Row], metric: str, dataset: str, found: Found) -> str | None:
    measured = [_measured(row, metric, found[row, dataset]) for row in rivals if (row, dataset) in found]
    if len(measured) < 2:
        return None
    ranked = sorted(measured, key=lambda each: each.mean, reverse=True)
    where = f"On {dataset_name(item, dataset)}, {item.columns[metric]},"
    firsts = _firsts(item, rivals, metric)
    if firsts:
        return f"{where} {_against_firsts(firsts, ranked, item.datasets.get(dataset))}"
    if item.claim is None:
        return None
    ends = f"{ranked[0]} is first of {len(ranked)}, {ranked[-1]} last{_hedge(ranked[0], ranked[-1])}"
    return f"{where} the paper has that {item.claim}; here {ends}."


def _against_firsts(firsts: dict[str, list[str]], ranked: Sequence[_Measured], dataset: str | None) -> str:
    """What the paper has first, against ours: on the same data set, or on any of its own where ours is none of them.

    Args:
        firsts: labels with the paper's names of the data sets.
        ranked: ours, the best first.
        dataset: the paper's name of ours.
    """
    places = {each.row.label: place for place, each in enumerate(ranked, 1)}
    claimed = [label for label, names in firsts.items() if dataset in names] or list(firsts)
    stated = "; ".join(f"{label} first on {', '.join(names)}" for label, names in firsts.items())
    paper = f"the paper has {stated}"
    best = ranked[0].row.label
    if best in claimed:
        where = f", as on {', '.join(firsts[best])}" if len(claimed) > 1 else ""
        return f"{paper}; so it is here{where}: {ranked[0]}, before {ranked[1]}{_hedge(*ranked[:2])}."
    known = [ranked[places[label] - 1] for label in claimed if label in places]
    others = [f"{each} is number {places[each.row.label]} of {len(ranked)}{_hedge(ranked[0], each)}" for each in known]
    lacking = [f"{label} has no run" for label in claimed if label not in places]
    return f"{paper}; here {ranked[0]} is first, {', '.join([*others, *lacking])}."


def _firsts(item: Item, rivals: Sequence[Row], metric: str) -> dict[str, list[str]]:
    """The labels that the paper has first, with its names of the data sets where it has."""
    firsts: dict[str, list[str]] = {}
    for dataset, name in item.datasets.items():
        stated = [row.label for row in rivals if dataset in row.first_on]
        for label in stated or _first_by_value(rivals, dataset, list(item.columns).index(metric)):
            firsts.setdefault(label, []).append(name)
    return firsts


def _first_by_value(rivals: Sequence[Row], dataset: str, place: int) -> list[str]:
    of_dataset = {row.label: row.published[dataset][place] for row in rivals if dataset in row.published}
    stated = {label: value for label, value in of_dataset.items() if value is not None}
    return [max(stated, key=lambda label: stated[label])] if stated else []


def _measured(row: Row, metric: str, runs: Sequence[FinishedRun]) -> _Measured:
    return _Measured(row, Cell(tuple(run.report.test[metric] for run in runs)))


def _hedge(one: _Measured, other: _Measured) -> str:
    """Whether seeds alone may have brought a difference; nothing where their deviation is not known."""
    of_one, of_other = one.cell, other.cell
    error = seed_error(of_one.deviation, len(of_one.values), of_other.deviation, len(of_other.values))
    return f", {SEEDS}" if error is not None and abs(one.mean - other.mean) < SPREAD * error else ""
