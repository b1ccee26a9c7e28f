"""Reads ``NAME.inter``, the interactions of MMRec's folder layout, and names where a file is wrong."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NoReturn

import numpy as np

from mmgraph.datasets.interactions import TEST, TRAIN, Interactions
from mmgraph.reading import line_of_row, read_columns, read_layout

COLUMNS = {
    "user": "userID",
    "item": "itemID",
    "rating": "rating",
    "timestamp": "timestamp",
    "weight": "weight",
    "x_label": "x_label",
    "category": "category",
}
"""Header names by what they mean: those that MMRec writes, and the category in ``items.tsv``."""
KINDS = {"user": int, "item": int, "rating": float, "timestamp": float, "weight": float, "x_label": int}
OPTIONAL = ("rating", "timestamp", "weight", "x_label")


def read_interactions(
    path: Path,
    *,
    separator: str = "\t",
    columns: Mapping[str, str] | None = None,
    optional: Collection[str] = OPTIONAL,
    contiguous: Collection[str] = ("user", "item"),
) -> Interactions:
    r"""Reads and checks a text file of interactions with a header line.

    Args:
        path: the file; further columns than those named are ignored.
        separator: the single character between fields.
        columns: header names that differ from MMRec's, by meaning (``user, item, rating, timestamp, weight, x_label``).
        optional: which of rating, timestamp, weight and x_label to read where the file has them.
        contiguous: whose ids, ``"user"`` or ``"item"``, must be without gaps, from 0 or from 1 on.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a column is missing; an id is negative, no integer or out of sequence; a pair occurs twice; a label
            is not 0, 1 or 2; a rating or timestamp is not finite; a weight is not above 0. The message names file and
            line.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "tiny.inter"
        >>> _ = path.write_text("userID\titemID\n1\t0\n0\t1\n0\t0\n")
        >>> table = read_interactions(path)
        >>> table.user, table.item
        (array([0, 0, 1]), array([0, 1, 0]))
    """
    wanted = wanted_columns(path, separator=separator, columns=columns, optional=optional)
    found = read_columns(path, {name: KINDS[c] for c, name in wanted.items()}, separator=separator)
    values = {c: found[name] for c, name in wanted.items() if name in found}
    if not len(values["user"]):
        raise ValueError(f"{path}: no interactions below the header")
    checks = Checks(path, separator, wanted)
    checks.values(values, contiguous)
    order = np.lexsort((values["item"], values["user"]))
    checks.duplicates(values["user"], values["item"], order)
    num_users, num_items = (int(values[column].max()) + 1 for column in ("user", "item"))
    return Interactions(num_users=num_users, num_items=num_items, **values).take(order)


def wanted_columns(
    path: Path, *, separator: str, columns: Mapping[str, str] | None, optional: Collection[str]
) -> dict[str, str]:
    """The header names of the columns that :func:`read_interactions` reads, by meaning.

    Raises:
        ValueError: users or items have no column, or a name means two things.
    """
    names = {**COLUMNS, **(columns or {})}
    if unknown := sorted(set(names) - set(COLUMNS)):
        raise ValueError(f"columns: unknown {unknown}; the keys are {list(COLUMNS)}")
    wanted = {c: names[c] for c in KINDS if c not in set(OPTIONAL) - set(optional)}
    _check_header(path, separator, wanted)
    return wanted


def _check_header(path: Path, separator: str, names: Mapping[str, str]) -> None:
    """Raises where the header lacks users or items, or where one name means two things."""
    header = read_layout(path, separator=separator).header
    for column in ("user", "item"):
        if names[column] not in header:
            raise ValueError(
                f"{path}:1: no column '{names[column]}' in the header {header}; set columns.{column} to the name "
                f"used there, or separator (now {separator!r})"
            )
    if twice := [c for c, name in names.items() if name in header and list(names.values()).count(name) > 1]:
        raise ValueError(f"columns: {twice} all name '{names[twice[0]]}'; give each a column of its own")


class Checks:
    """What the values of a file must be; a failed check names the line.

    Args:
        path: the file.
        separator: the character between its fields.
        names: the header name of each column, by meaning.
    """

    def __init__(self, path: Path, separator: str, names: Mapping[str, str]) -> None:
        self.path = path
        self.separator = separator
        self.names = names

    def values(self, values: Mapping[str, np.ndarray], contiguous: Collection[str], *, first: int = 0) -> None:
        """Raises for the first value that breaks a rule; ``first`` is the row of the file that the values begin at."""
        for column in ("user", "item"):
            self._rows(values[column] >= 0, values[column], f"{self.names[column]} must not be negative", first)
            if column in contiguous:
                self.gaps(np.unique(values[column]), column, int(values[column].argmax()))
        if (label := values.get("x_label")) is not None:
            rule = f"{self.names['x_label']} must be 0, 1 or 2"
            self._rows((label >= TRAIN) & (label <= TEST), label, rule, first)
        for column in sorted({"rating", "timestamp", "weight"} & set(values)):
            finite = np.isfinite(values[column])
            self._rows(finite, values[column], f"{self.names[column]} must be a finite number", first)
        if (weight := values.get("weight")) is not None:
            self._rows(weight > 0, weight, f"{self.names['weight']} must be above 0 (it counts interactions)", first)

    def gaps(self, used: np.ndarray, column: str, row_of_largest: int) -> None:
        """Raises where an id between the first and the largest is not used; the first may be 0 or 1.

        Args:
            used: the ids, ascending.
            column: whose they are, "user" or "item".
            row_of_largest: where the largest stands.
        """
        first = min(int(used[0]), 1)
        if int(used[-1]) + 1 - first != len(used):
            gap = first + int((used != first + np.arange(len(used))).argmax())
            raise ValueError(
                f"{self._place(row_of_largest)}: {column} ids must be without gaps, but the largest is {used[-1]} "
                f"and {gap} does not occur; set k_core=1, which numbers those that occur anew, or number them 0..n-1"
            )

    def duplicates(self, user: np.ndarray, item: np.ndarray, order: np.ndarray) -> None:
        """Raises for the first pair that repeats an earlier one."""
        same = (np.diff(user[order]) == 0) & (np.diff(item[order]) == 0)
        if same.any():
            # lexsort is stable: the later one of two equal pairs stands further down in the file
            second, first = min(zip(order[1:][same].tolist(), order[:-1][same].tolist(), strict=True))
            self.repeated(int(user[second]), int(item[second]), (first, second), int(same.sum()))

    def repeated(self, user: int, item: int, rows: tuple[int, int], count: int) -> NoReturn:
        """Raises for a pair that stands in two rows, one of ``count`` such pairs."""
        raise ValueError(
            f"{self._place(rows[1])}: user {user} and item {item} occur already on line {self.line(rows[0])}; keep "
            f"one line a pair ({count} repeated)"
        )

    def _place(self, row: int) -> str:
        return f"{self.path}:{self.line(row)}"

    def line(self, row: int) -> int:
        """The line that a row of the file stands on."""
        return line_of_row(self.path, row, separator=self.separator)

    def _rows(self, valid: np.ndarray, values: np.ndarray, rule: str, first: int) -> None:
        """Raises for the first row that is not valid."""
        if not valid.all():
            row = int(valid.argmin())
            raise ValueError(f"{self._place(first + row)}: {rule}, found {values[row]}")
