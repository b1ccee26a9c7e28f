"""A table or figure of a paper, made again."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmgraph.evidence.reproduce.analysed import Looked, look
from mmgraph.evidence.reproduce.catalogue import load_item
from mmgraph.evidence.reproduce.collect import finished_runs, runs_table
from mmgraph.evidence.reproduce.facts import facts_table
from mmgraph.evidence.reproduce.item import RUNS
from mmgraph.evidence.reproduce.outline import Outline, outline
from mmgraph.evidence.reproduce.plan import Plan, Planner
from mmgraph.evidence.reproduce.request import Request, make_request
from mmgraph.evidence.reproduce.store import Slot
from mmgraph.evidence.reproduce.training import train_all
from mmgraph.evidence.reproduce.view import shown_runs
from mmgraph.evidence.reproduce.writing import write_all
from mmgraph.evidence.table import Table
from mmgraph.evidence.table_files import to_markdown


@dataclass(frozen=True)
class Reproduction:
    """A table or figure, made again.

    Attributes:
        table: its figures, beside those of the paper.
        files: what was written: Markdown, CSV, LaTeX, and pictures of figures.
        failed: why runs failed, by row, data set and seed.
    """

    table: Table
    files: Sequence[Path]
    failed: dict[str, str]

    def __repr__(self) -> str:
        """The table, as Markdown."""
        return "\n".join([self.table.title, "", to_markdown(self.table), *self.table.notes])


def reproduce(
    paper: str,
    item: str,
    *,
    dataset: str | Sequence[str] | None = None,
    seeds: int | Sequence[int] = (0, 1, 2),
    words: Sequence[str] = (),
    out: str | os.PathLike[str] | None = None,
    runs: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    plan: bool = False,
    train: bool = True,
) -> Reproduction | Outline:
    """Makes a table or figure of a paper again: trains what is missing, and writes it beside the published values.

    Runs that are finished are found by what they are made of (configuration but for places, seed, split, features and
    mmgraph's version) and used by every item that needs them; what was cut off is gone on with by the same call.

    Args:
        paper: ``rednd``, ``lgmrec``, ``nsmar`` or ``mgnm``.
        item: such as ``table-3``.
        dataset: data sets, by the names of ``conf/dataset``; by default the first of the paper's that is there.
        seeds: a run of every row for each.
        words: further words of the command line, for every row: ``["trainer.max_epochs=3"]``.
        out: folder of what is written; by default ``outputs/reproductions/<paper>-<item>``.
        runs: folder of the runs of all items; by default ``outputs/reproductions/runs``.
        jobs: how many run at a time; by default half of the cores.
        plan: says what would be run, and runs nothing.
        train: trains what is missing; without it the table is of the runs that are finished, and says which are not.

    Raises:
        ValueError: for a paper, an item, a data set or a word that there is not; before anything is run.

    Example:
        >>> reproduce("rednd", "table-3", dataset="synthetic", seeds=0, plan=True)
        rednd table-3: Number of layers of neighbours
        4 runs (4 to train) on synthetic
          to train        RedN1D, synthetic, seed 0
          to train        RedN2D, synthetic, seed 0
          to train        RedN3D, synthetic, seed 0
          to train        RedN4D, synthetic, seed 0
    """
    request = make_request(
        load_item(paper, item),
        datasets=[dataset] if isinstance(dataset, str) else dataset,
        seeds=[seeds] if isinstance(seeds, int) else seeds,
        words=words,
        out=out,
        runs=runs,
        jobs=jobs,
    )
    if request.item.kind != RUNS:
        table = facts_table(request)
        return Reproduction(table, write_all(request, table, {}, Looked()), {})
    planned = Planner(request).plan()
    if plan:
        return outline(planned)
    failed = _train(request, planned) if train else {}
    return _gathered(request, planned, failed)


def _train(request: Request, plan: Plan) -> dict[Slot, str]:
    slots = plan.slots
    done = sum(slot.is_finished for slot in slots)
    with shown_runs(request.item.full_name, total=len(slots), done=done, jobs=request.jobs) as view:
        return train_all(slots, jobs=request.jobs, view=view)


def _gathered(request: Request, plan: Plan, failed: dict[Slot, str]) -> Reproduction:
    found = finished_runs(plan)
    table = runs_table(plan, found, failed)
    looked = look(request, found) if request.item.analysis else Looked()
    files = write_all(request, table, found, looked)
    return Reproduction(table, files, {plan.slots[slot].name: reason for slot, reason in failed.items()})
