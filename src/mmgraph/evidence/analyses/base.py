"""What an analysis of finished runs comes to, and how runs are given to one."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from mmgraph.evidence.figures import draw_figure, write_figure
from mmgraph.files import atomic_write
from mmgraph.pipeline.api import load
from mmgraph.pipeline.result import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = Mapping[str, Any]
"""Plain data by the name of the column."""


@runtime_checkable
class HasFolder(Protocol):
    """A finished run that knows where it lies."""

    @property
    def folder(self) -> Path:
        """The run's folder."""


RunLike = Run | HasFolder | str | Path
"""A run, or the folder of one."""


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
            "tables": [{"title": title, "rows": [dict(row) for row in rows]} for title, rows in self.tables],
            "notes": list(self.notes),
        }
        path = folder / f"{name}.json"
        with atomic_write(path) as file:
            json.dump(content, file, indent=1, allow_nan=False)
        return [path, *write_figure(self.figure(), folder, name)]


def opened(run: RunLike) -> Run:
    """The run, opened from its folder where it is not at hand.

    Raises:
        FileNotFoundError: if there is no finished run.
    """
    if isinstance(run, Run):
        return run
    return load(run if isinstance(run, str | Path) else run.folder)
