"""What the runs came to, as a table in the paper's order."""

from collections.abc import Mapping, Sequence

from mmgraph.evidence.finished import FinishedRun
from mmgraph.evidence.reproduce.item import Item, Row
from mmgraph.evidence.reproduce.plan import Plan
from mmgraph.evidence.reproduce.significance import Contest, starred
from mmgraph.evidence.reproduce.store import Slot
from mmgraph.evidence.table import Cell, Column, Table, TableRow

Found = dict[tuple[Row, str], list[FinishedRun]]
"""Finished runs by row and data set, in the order of the seeds."""


def finished_runs(plan: Plan) -> Found:
    """The runs of a plan that have ended."""
    opened = {slot: FinishedRun.open(slot.folder) for slot in plan.slots if slot.is_finished}
    found: Found = {}
    for run in plan.runs:
        if run.slot in opened:
            found.setdefault((run.row, run.dataset), []).append(opened[run.slot])
    return found


def runs_table(plan: Plan, found: Found, failed: Mapping[Slot, str]) -> Table:
    """The table of test metrics.

    Args:
        plan: the plan.
        found: its finished runs.
        failed: why others failed, by their places.
    """
    request = plan.request
    item = request.item
    notes = reasons(plan, failed)
    columns = tuple(
        Column(name, dataset_name(item, dataset)) for dataset in request.datasets for name in item.columns.values()
    )
    rows = [
        TableRow(
            row.label,
            tuple(cell for dataset in request.datasets for cell in _cells(item, row, dataset, found, notes)),
            row.section,
        )
        for row in item.rows
    ]
    table = Table(item.title, columns, tuple(rows), tuple(_notes(item, notes))).ranked(within_sections=item.by_section)
    if not item.by_section:
        contests = [
            Contest(metric, [found.get((row, dataset), []) for row in item.rows])
            for dataset in request.datasets
            for metric in item.columns
        ]
        table = starred(table, contests)
    return table.transposed() if item.transpose else table


def dataset_name(item: Item, dataset: str) -> str:
    """What the paper calls a data set, or what we do where it has it not."""
    return item.datasets.get(dataset, dataset)


def _cells(item: Item, row: Row, dataset: str, found: Found, notes: Mapping[tuple[Row, str], str]) -> list[Cell]:
    published = row.published.get(dataset, (None,) * len(item.columns))
    runs = found.get((row, dataset), [])
    note = notes.get((row, dataset), "")
    return [
        Cell(tuple(run.report.test[metric] for run in runs), published=value, note=note)
        for metric, value in zip(item.columns, published, strict=True)
    ]


def reasons(plan: Plan, failed: Mapping[Slot, str]) -> dict[tuple[Row, str], str]:
    """Why rows have no figure, or one of fewer seeds, by row and data set."""
    said = {place: [reason] for place, reason in plan.reasons.items()}
    not_run: dict[tuple[Row, str], list[int]] = {}
    for run in plan.runs:
        if run.slot in failed:
            said.setdefault((run.row, run.dataset), []).append(f"seed {run.seed} failed: {failed[run.slot]}")
        elif not run.slot.is_finished:
            not_run.setdefault((run.row, run.dataset), []).append(run.seed)
    for place, seeds in not_run.items():
        said.setdefault(place, []).append(f"not run with seed {', '.join(map(str, seeds))}")
    return {place: "; ".join(reasons) for place, reasons in said.items()}


def _notes(item: Item, why: Mapping[tuple[Row, str], str]) -> list[str]:
    notes = list(item.notes)
    together: dict[tuple[str, str], list[str]] = {}
    for (row, dataset), reason in why.items():
        together.setdefault((row.label, reason), []).append(dataset_name(item, dataset))
    notes += [f"{label} ({', '.join(datasets)}): {reason}." for (label, reason), datasets in together.items()]
    return notes


def all_runs(found: Found) -> Sequence[FinishedRun]:
    """Each run once."""
    return list({run.folder: run for runs in found.values() for run in runs}.values())
