"""A table of figures: means and deviations over seeds, the published value beside each, the best two marked."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Cell:
    """What stands in one place of a table.

    Args:
        values: one a seed; none where nothing was measured.
        published: what the paper has there.
        rank: 1 for the best of its column, 2 for the second, 0 for any other.
        stars: what is printed behind the figure; the table's notes say what they mean.
        note: why there is no figure.

    Example:
        >>> cell = Cell((0.25, 0.75), published=0.25)
        >>> cell.mean, round(cell.deviation, 4), cell.difference
        (0.5, 0.3536, 0.25)
        >>> Cell().mean, Cell((0.5,)).deviation
        (None, None)
    """

    values: tuple[float, ...] = ()
    published: float | None = None
    rank: int = 0
    stars: str = ""
    note: str = ""

    @property
    def mean(self) -> float | None:
        """The mean over seeds."""
        return statistics.fmean(self.values) if self.values else None

    @property
    def deviation(self) -> float | None:
        """The deviation over seeds (of a sample); None of a single one."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None

    @property
    def difference(self) -> float | None:
        """How far the mean lies above the published value."""
        return None if self.mean is None or self.published is None else self.mean - self.published


@dataclass(frozen=True)
class Column:
    """A column.

    Args:
        name: its head.
        group: what stands above it and its neighbours of the same group, such as the data set.
        form: how its figures are written, as in ``format``.
    """

    name: str
    group: str = ""
    form: str = ".4f"


@dataclass(frozen=True)
class TableRow:
    """A row.

    Args:
        label: what stands before it.
        cells: one for each column.
        section: what stands above it and its neighbours of the same section.
        form: how its figures are written in the place of the columns' form.
    """

    label: str
    cells: tuple[Cell, ...]
    section: str = ""
    form: str | None = None


@dataclass(frozen=True)
class Table:
    """Rows and columns.

    Args:
        title: what it shows.
        columns: at least one.
        rows: each with a cell for each column.
        notes: sentences to stand under it.

    Raises:
        ValueError: if a row has another number of cells than there are columns.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row.cells) != len(self.columns):
                raise ValueError(f"row {row.label!r} has {len(row.cells)} cells, there are {len(self.columns)} columns")

    def ranked(self, *, within_sections: bool = False) -> "Table":
        """The table with the highest mean of each column marked as best and the next as second; equal ones share.

        Args:
            within_sections: compares rows of the same section only.

        Example:
            >>> rows = tuple(TableRow(name, (Cell((x,)),)) for name, x in {"a": 1.0, "b": 3.0, "c": 2.0}.items())
            >>> [row.cells[0].rank for row in Table("t", (Column("x"),), rows).ranked().rows]
            [0, 1, 2]
        """

        def rivals(row: TableRow) -> list[TableRow]:
            return [other for other in self.rows if not within_sections or other.section == row.section]

        def marked(row: TableRow) -> TableRow:
            ranks = [_rank(row, rivals(row), place) for place in range(len(self.columns))]
            cells = (replace(cell, rank=rank) for cell, rank in zip(row.cells, ranks, strict=True))
            return replace(row, cells=tuple(cells))

        return replace(self, rows=tuple(map(marked, self.rows)))

    def transposed(self) -> "Table":
        """Rows as columns and columns as rows; sections and groups change places, too."""
        columns = tuple(Column(row.label, row.section) for row in self.rows)
        cells = zip(*(row.cells for row in self.rows), strict=True)
        rows = tuple(
            TableRow(column.name, found, column.group, column.form)
            for column, found in zip(self.columns, cells, strict=True)
        )
        return replace(self, columns=columns, rows=rows)

    def form(self, row: TableRow, place: int) -> str:
        """How the figure of a row in a column is written."""
        return row.form or self.columns[place].form


def _rank(row: TableRow, rivals: Sequence[TableRow], place: int) -> int:
    """Equal to what is printed: figures that look the same share their mark."""
    mean = row.cells[place].mean
    means = {round(found, 9) for other in rivals if (found := other.cells[place].mean) is not None}
    if mean is None or len(means) < 2:
        return 0
    position = sorted(means, reverse=True).index(round(mean, 9)) + 1
    return position if position <= 2 else 0


def sections(rows: Sequence[TableRow]) -> list[tuple[str, list[TableRow]]]:
    """Neighbouring rows of the same section, together.

    >>> [(name, len(found)) for name, found in sections([TableRow("a", (), "x"), TableRow("b", (), "x")])]
    [('x', 2)]
    """
    return _runs(rows, lambda row: row.section)


def groups(columns: Sequence[Column]) -> list[tuple[str, list[Column]]]:
    """Neighbouring columns of the same group, together."""
    return _runs(columns, lambda column: column.group)


def _runs(entries: Sequence, name_of: Callable) -> list:
    found: list[tuple[str, list]] = []
    for entry in entries:
        if not found or found[-1][0] != name_of(entry):
            found.append((name_of(entry), []))
        found[-1][1].append(entry)
    return found
