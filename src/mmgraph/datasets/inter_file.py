"""Reads ``NAME.inter``, the interactions of MMRec's folder layout, and says where a file is wrong."""

import warnings
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NoReturn

import numpy as np
from jaxtyping import Float64, Int64

from mmgraph.datasets.interactions import TEST, TRAIN, Interactions

COLUMNS = {"user": "userID", "item": "itemID", "rating": "rating", "timestamp": "timestamp", "x_label": "x_label"}
"""Header names that MMRec writes, by what they mean."""
OPTIONAL = ("rating", "timestamp", "x_label")


def read_interactions(
    path: Path,
    *,
    separator: str = "\t",
    columns: Mapping[str, str] | None = None,
    optional: Collection[str] = OPTIONAL,
    contiguous: bool = True,
) -> Interactions:
    r"""Reads and checks a text file of interactions with a header line.

    Args:
        path: the file; further columns than those named are ignored.
        separator: the single character between fields.
        columns: header names that differ from MMRec's, by meaning (``user, item, rating, timestamp, x_label``).
        optional: which of rating, timestamp and x_label to read where the file has them.
        contiguous: ids must be 0..n-1 without gaps, because row i of a feature file belongs to item i.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a column is missing; an id is negative, no integer or out of sequence; a pair occurs twice; a label
            is not 0, 1 or 2; a rating or timestamp is not finite. The message names file and line.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "tiny.inter"
        >>> _ = path.write_text("userID\titemID\n1\t0\n0\t1\n0\t0\n")
        >>> table = read_interactions(path)
        >>> table.user, table.item
        (array([0, 0, 1]), array([0, 1, 0]))
    """
    names = {**COLUMNS, **(columns or {})}
    if unknown := sorted(set(names) - set(COLUMNS)):
        raise ValueError(f"columns: unknown {unknown}; the keys are {list(COLUMNS)}")
    wanted = {column: name for column, name in names.items() if column not in set(OPTIONAL) - set(optional)}
    positions = _locate_columns(path, separator, wanted)
    values = _parse(path, separator, positions)
    ids = {c: _integers(path, values[c], c) for c in ("user", "item", "x_label") if c in values}
    for column in ("user", "item"):
        _check_ids(path, ids[column], column, contiguous)
    if "x_label" in ids:
        _check_rows(
            path, (ids["x_label"] >= TRAIN) & (ids["x_label"] <= TEST), ids["x_label"], "x_label must be 0, 1 or 2"
        )
    for column in {"rating", "timestamp"} & set(values):
        _check_rows(path, np.isfinite(values[column]), values[column], f"{column} must be a finite number")
    order = np.lexsort((ids["item"], ids["user"]))
    _check_duplicates(path, ids["user"], ids["item"], order)
    num_users, num_items = (int(ids[column].max()) + 1 for column in ("user", "item"))
    return Interactions(
        ids["user"], ids["item"], num_users, num_items,
        rating=values.get("rating"), timestamp=values.get("timestamp"), x_label=ids.get("x_label"),
    ).take(order)  # fmt: skip


def _locate_columns(path: Path, separator: str, names: Mapping[str, str]) -> dict[str, int]:
    """Returns the position of every column that the file has."""
    if len(separator) != 1:
        raise ValueError(f"separator={separator!r}: must be a single character")
    with path.open(encoding="utf-8-sig") as file:
        header = file.readline().rstrip("\r\n").split(separator)
    for column in ("user", "item"):
        if names[column] not in header:
            raise ValueError(
                f"{path}:1: no column '{names[column]}' in the header {header}; set columns.{column} to the name "
                f"used there, or separator (now {separator!r})"
            )
    return {column: header.index(name) for column, name in names.items() if name in header}


def _parse(path: Path, separator: str, positions: dict[str, int]) -> dict[str, Float64[np.ndarray, "interactions"]]:
    """Returns the located columns as numbers, in the order of the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # "input contained no data": reported below
            table = np.loadtxt(
                path, delimiter=separator, skiprows=1, usecols=tuple(positions.values()), ndmin=2, comments=None,
                encoding="utf-8-sig",
            )  # fmt: skip
    except ValueError as error:
        _blame_line(path, separator, positions, error)
    if table.size == 0:
        raise ValueError(f"{path}: no interactions below the header")
    return {column: np.ascontiguousarray(table[:, i]) for i, column in enumerate(positions)}


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yields number and text of the lines that hold interactions."""
    with path.open(encoding="utf-8-sig") as file:
        next(file)
        for number, line in enumerate(file, start=2):
            if line := line.rstrip("\r\n"):
                yield number, line


def _blame_line(path: Path, separator: str, positions: dict[str, int], error: ValueError) -> NoReturn:
    """Raises for the first line that cannot be read; slow, and only run once something is wrong."""
    for number, line in _lines(path):
        fields = line.split(separator)
        for column, position in positions.items():
            if position >= len(fields):
                raise ValueError(
                    f"{path}:{number}: {len(fields)} fields, but {column} is field {position + 1}"
                ) from error
            try:
                float(fields[position])
            except ValueError:
                raise ValueError(f"{path}:{number}: {column} must be a number, found {fields[position]!r}") from error
    raise ValueError(f"{path}: {error}") from error


def _line_of(path: Path, row: int) -> int:
    """Returns the line on which row ``row`` (0-based) stands; blank lines are no rows."""
    return next(number for i, (number, _) in enumerate(_lines(path)) if i == row)


def _check_rows(path: Path, valid: np.ndarray, values: np.ndarray, rule: str) -> None:
    """Raises for the first row that is not valid."""
    if not valid.all():
        row = int(valid.argmin())
        raise ValueError(f"{path}:{_line_of(path, row)}: {rule}, found {values[row]:g}")


def _integers(path: Path, values: np.ndarray, column: str) -> Int64[np.ndarray, "interactions"]:
    """Returns a column of whole numbers as integers."""
    whole = np.isfinite(values) & (np.floor(values) == values) & (np.abs(values) < 2**53)
    _check_rows(path, whole, values, f"{column} must be an integer")
    return values.astype(np.int64)


def _check_ids(path: Path, ids: np.ndarray, column: str, contiguous: bool) -> None:
    """Raises where an id is negative, or where one between 0 and the largest is not used."""
    _check_rows(path, ids >= 0, ids, f"{column} ids must not be negative")
    used = np.unique(ids)
    if contiguous and used[-1] + 1 != len(used):
        gap = int((used != np.arange(len(used))).argmax())
        raise ValueError(
            f"{path}:{_line_of(path, int(ids.argmax()))}: {column} ids must be 0..n-1 without gaps, but the largest is "
            f"{used[-1]} and {gap} does not occur; re-number them, or set k_core=1, which re-indexes"
        )


def _check_duplicates(path: Path, user: np.ndarray, item: np.ndarray, order: np.ndarray) -> None:
    """Raises for the first pair that repeats an earlier one."""
    same = (np.diff(user[order]) == 0) & (np.diff(item[order]) == 0)
    if same.any():
        # lexsort is stable: the later one of two equal pairs stands further down in the file
        second, first = min(zip(order[1:][same].tolist(), order[:-1][same].tolist(), strict=True))
        raise ValueError(
            f"{path}:{_line_of(path, second)}: user {user[second]} and item {item[second]} occur already on line "
            f"{_line_of(path, first)}; keep one line a pair ({int(same.sum())} repeated)"
        )
