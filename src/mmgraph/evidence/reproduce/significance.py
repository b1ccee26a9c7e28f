"""Stars: where the best of a column differs from the second beyond what chance gives."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mmgraph.evidence.comparable import check_comparable, contenders
from mmgraph.evidence.finished import FinishedRun, RunGroup
from mmgraph.evidence.statistics import holm
from mmgraph.evidence.statistics.paired import LEVEL, t_p
from mmgraph.evidence.table import Table

STAR = "*"
_TEST = (
    f"paired t test over the users of the test split, means over seeds, p < {LEVEL} after Holm's correction over the "
    "metrics and data sets of the table. What another training would change is not in it."
)
MEANING = f"A star: the best differs from the second; {_TEST}"
NONE = f"No best differs from the second; {_TEST}"


class Contest(NamedTuple):
    """The runs of a column.

    Attributes:
        metric: the metric.
        runs: of each row; none where it has not been run.
    """

    metric: str
    runs: Sequence[Sequence[FinishedRun]]


def starred(table: Table, contests: Sequence[Contest]) -> Table:
    """The table with stars at the best of columns, and the sentence that explains them.

    Args:
        table: ranked over all rows.
        contests: of its columns.
    """
    tests = {}
    for place, contest in enumerate(contests):
        ranks = [row.cells[place].rank for row in table.rows]
        if ranks.count(1) == ranks.count(2) == 1:
            best, second = contest.runs[ranks.index(1)], contest.runs[ranks.index(2)]
            tests[place] = _p([RunGroup(best), RunGroup(second)], contest.metric)
    if not tests:
        return table
    adjusted = dict(zip(tests, holm(np.array(list(tests.values()))), strict=True))
    marked = {place for place, p in adjusted.items() if p < LEVEL}
    rows = []
    for row in table.rows:
        cells = [
            replace(cell, stars=STAR) if place in marked and cell.rank == 1 else cell
            for place, cell in enumerate(row.cells)
        ]
        rows.append(replace(row, cells=tuple(cells)))
    return replace(table, rows=tuple(rows), notes=(*table.notes, MEANING if marked else NONE))


def _p(groups: Sequence[RunGroup], metric: str) -> float:
    check_comparable([run for group in groups for run in group.runs], "test")
    best, second = contenders(groups, "test", metric)
    return t_p(best.values - second.values)
