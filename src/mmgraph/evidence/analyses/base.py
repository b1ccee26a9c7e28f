"""What an analysis of finished runs comes to, and how runs are given to one."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmgraph.evidence.figures import draw_figure, write_figure
from mmgraph.evidence.finished import FinishedRun, RunGroup, find_runs, group_by_seed
from mmgraph.evidence.row_names import row_names
from mmgraph.files import atomic_write
from mmgraph.pipeline.api import load
from mmgraph.pipeline.result import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = dict[str, Any]
"""Plain data by the name of the column."""


RunLike = Run | FinishedRun | str | Path
"""A finished run, or its folder; where many may be given, also a folder that holds some at any depth."""
Runs = RunLike | Sequence[RunLike] | Mapping[str, RunLike | Sequence[RunLike]]
"""Finished runs; by name, each with its seeds, or to be named by what was said on the command line."""


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What was found: tables, a figure, and sentences about both.

    Args:
        title: what was looked at.
        tables: a title and rows each.
        draw: draws the figure.
        notes: sentences: how it was measured, what was left out, what must not be read into it.
        size: width and height of the figure in inches.

    Example:
        >>> found = Analysis(title="two", tables=[("numbers", [{"n": 1}, {"n": 2}])], draw=lambda figure: None)
        >>> found.rows("numbers")
        [{'n': 1}, {'n': 2}]
    """

    title: str
    tables: Sequence[tuple[str, Sequence[Row]]]
    draw: Callable[["Figure"], None]
    notes: Sequence[str] = field(default_factory=list)
    size: tuple[float, float] = (6.4, 4.0)

    def figure(self) -> "Figure":
        """The figure, drawn anew.

        Raises:
            ModuleNotFoundError: without matplotlib (the extra ``evidence``).
        """
        return draw_figure(self.draw, self.size)

    def rows(self, title: str) -> list[Row]:
        """The rows of one table.

        Raises:
            KeyError: if there is no table of that title; lists those that there are.
        """
        found = dict(self.tables)
        if title not in found:
            raise KeyError(f"there is no table {title!r}; the tables are {', '.join(found)}")
        return list(found[title])

    def write(self, folder: Path, name: str) -> list[Path]:
        """Writes ``name.json`` (tables and notes), ``name.svg`` and ``name.png``, each whole or not at all.

        Returns:
            The files.

        Raises:
            OSError: if one cannot be written.
        """
        content = {
            "title": self.title,
            "tables": [{"title": title, "rows": list(rows)} for title, rows in self.tables],
            "notes": list(self.notes),
        }
        path = folder / f"{name}.json"
        with atomic_write(path) as file:
            json.dump(content, file, indent=1, allow_nan=False)
        return [path, *write_figure(self.figure(), folder, name)]


def opened(run: RunLike) -> Run:
    """The run with its model and its ids, opened from its folder where it is not at hand.

    Raises:
        FileNotFoundError: if there is no finished run.
    """
    if isinstance(run, Run):
        return run
    return load(run.folder if isinstance(run, FinishedRun) else run)


def finished(run: RunLike) -> FinishedRun:
    """The run as a report and what was found for each user.

    Raises:
        FileNotFoundError: if there is no finished run.
    """
    if isinstance(run, FinishedRun):
        return run
    return FinishedRun.open(run.folder if isinstance(run, Run) else run)


def by_name(runs: Runs) -> dict[str, RunGroup]:
    """Runs by the name of their row, those that differ in the seed alone together.

    Args:
        runs: with names of the caller's, or without: then the model, and of the words that were said beside those that
            not all of the runs share (:func:`mmgraph.evidence.row_names.row_names`).

    Raises:
        ValueError: if there are none, or runs under one name differ in more than the seed.
        FileNotFoundError: if a folder holds no finished run.
    """
    if not isinstance(runs, Mapping):
        groups = group_by_seed(_all(runs))
        found = dict(zip(row_names(groups), groups, strict=True))
    else:
        found = {name: _one_group(name, group_by_seed(_all(given))) for name, given in runs.items()}
    if not found:
        raise ValueError("runs must be one finished run or more; there is none")
    return found


def _one_group(name: str, groups: Sequence[RunGroup]) -> RunGroup:
    if len(groups) != 1:
        raise ValueError(f"the runs named {name!r} must differ in their seed alone; they are of {len(groups)} settings")
    return groups[0]


def _all(runs: RunLike | Sequence[RunLike]) -> Iterator[FinishedRun]:
    for run in [runs] if isinstance(runs, RunLike) else runs:
        yield from find_runs([run]) if isinstance(run, str | Path) else [finished(run)]
