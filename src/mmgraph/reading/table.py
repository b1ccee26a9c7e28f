"""Tables in text files: a header line, then fields between separators."""

import csv
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np

from mmgraph.reading.text import open_text

_LONGEST_HEADER = 2**20
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|[+-]?(nan|inf|infinity)", re.IGNORECASE)
_LARGEST = np.iinfo(np.int64).max


class Layout(NamedTuple):
    """How a table is written.

    Attributes:
        header: its names.
        separator: the character between fields.
        quoted: fields may stand in double quotes, as those of the header do.
    """

    header: list[str]
    separator: str
    quoted: bool


def read_columns(path: Path, kinds: Mapping[str, type], *, separator: str = "\t") -> dict[str, np.ndarray]:
    r"""Reads columns of numbers, exactly: an integer never passes through a float.

    Args:
        path: a UTF-8 file; columns that are not named are ignored.
        kinds: ``int`` or ``float`` by name in the header; names that the file lacks are left out.
        separator: the character between fields.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no such table; names the line.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "tiny.tsv"
        >>> _ = path.write_text("id\tname\tstars\n7300000000000000001\tshoe\t4.5\n")
        >>> read_columns(path, {"id": int, "stars": float})
        {'id': array([7300000000000000001]), 'stars': array([4.5])}
    """
    layout = read_layout(path, separator=separator)
    wanted = _places(layout, kinds)
    try:
        return _columns(path, layout, wanted, skiprows=1)
    except (ValueError, DeprecationWarning) as error:
        _blame_line(path, layout, {layout.header[place]: kind for place, kind in wanted.items()}, error)


def column_blocks(
    path: Path, kinds: Mapping[str, type], *, separator: str = "\t", rows: int = 2**20
) -> Iterator[dict[str, np.ndarray]]:
    """Yields what :func:`read_columns` reads, ``rows`` lines at a time and in their order.

    Args:
        path: a UTF-8 file; columns that are not named are ignored.
        kinds: ``int`` or ``float`` by name in the header; names that the file lacks are left out.
        separator: the character between fields.
        rows: lines held at once.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no such table; names the line.
    """
    layout = read_layout(path, separator=separator)
    wanted = _places(layout, kinds)
    with open_text(path) as file:
        file.readline()
        while lines := list(islice(file, rows)):
            try:
                yield _columns(lines, layout, wanted)
            except (ValueError, DeprecationWarning) as error:
                _blame_line(path, layout, {layout.header[place]: kind for place, kind in wanted.items()}, error)


def _places(layout: Layout, kinds: Mapping[str, type]) -> dict[int, type]:
    return {place: kinds[name] for place, name in enumerate(layout.header) if name in kinds}


def _columns(
    source: Path | list[str], layout: Layout, wanted: Mapping[int, type], *, skiprows: int = 0
) -> dict[str, np.ndarray]:
    codes = {int: np.int64, float: np.float64}
    dtype = [(str(i), codes[wanted[i]] if i in wanted else "U1") for i in range(len(layout.header))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "input contained no data": an empty result states so
        warnings.simplefilter("error", DeprecationWarning)  # older NumPy reads 1e0 as an integer under this one
        table = np.loadtxt(
            source, dtype=dtype, delimiter=layout.separator, skiprows=skiprows, ndmin=1, comments=None,
            encoding="utf-8-sig", quotechar='"' if layout.quoted else None,
        )  # fmt: skip
    return {layout.header[place]: np.ascontiguousarray(table[str(place)]) for place in wanted}


def read_layout(path: Path, *, separator: str = "\t") -> Layout:
    """Reads the header line.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the separator is no single character, or a name occurs twice.
    """
    if len(separator) != 1 or separator in '\r\n\0"':
        raise ValueError(f"separator={separator!r}: must be a single character, and no quote or line break")
    with open_text(path) as file:
        line = file.readline(_LONGEST_HEADER).rstrip("\r\n")
    quoted = any(field.startswith('"') and field.endswith('"') for field in line.split(separator) if len(field) > 1)
    header = next(_reader([line], separator, quoted), [""])
    if twice := sorted({name for name in header if name and header.count(name) > 1}):
        raise ValueError(f"{path}:1: {twice} stands twice in the header {header}; give every column its own name")
    return Layout(header, separator, quoted)


def read_rows(path: Path, *, separator: str = "\t") -> Iterator[tuple[int, dict[str, str]]]:
    """Yields line number and fields by name of every row; a short row's last fields are empty.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no table, or a row is longer than the header.
    """
    layout = read_layout(path, separator=separator)
    for number, fields in _lines(path, layout):
        if len(fields) > len(layout.header):
            raise ValueError(f"{path}:{number}: {_count(fields)}, but the header has {len(layout.header)}")
        padding = [""] * (len(layout.header) - len(fields))
        yield number, dict(zip(layout.header, [*fields, *padding], strict=True))


def line_of_row(path: Path, row: int, *, separator: str = "\t") -> int:
    """The line on which row ``row`` (from 0) of :func:`read_columns` stands; blank lines are no rows."""
    lines = _lines(path, read_layout(path, separator=separator))
    return next(number for place, (number, _) in enumerate(lines) if place == row)


def _reader(lines: Iterable[str], separator: str, quoted: bool) -> Any:
    return csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)


def _lines(path: Path, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Yields number and fields of the lines below the header that are not blank."""
    with open_text(path, newline="") as file:
        reader = _reader(file, layout.separator, layout.quoted)
        try:
            next(reader, None)
            for fields in reader:
                if fields:
                    yield reader.line_num, fields
        except csv.Error as error:
            raise ValueError(f"{path}:{reader.line_num}: cannot be read as a table: {error}") from error


def _blame_line(path: Path, layout: Layout, kinds: Mapping[str, type], error: Exception) -> NoReturn:
    """Raises for the first line that cannot be read; slow, and only run once something is wrong."""
    for number, fields in _lines(path, layout):
        if len(fields) != len(layout.header):
            raise ValueError(
                f"{path}:{number}: {_count(fields)}, but the header has {len(layout.header)} (separator "
                f"{layout.separator!r})"
            ) from error
        for name, field in zip(layout.header, fields, strict=True):
            if name in kinds and (rule := _broken_rule(field.strip(), kinds[name])):
                raise ValueError(f"{path}:{number}: {name} {rule}, found {field!r}{_quotes(field)}") from error
    raise ValueError(f"{path}: {error}") from error


def _broken_rule(field: str, kind: type) -> str | None:
    if kind is float:
        return None if _NUMBER.fullmatch(field) else "must be a number"
    if not _INTEGER.fullmatch(field):
        return "must be an integer in plain digits"
    return None if len(field) < 40 and abs(int(field)) <= _LARGEST else f"must be an integer up to {_LARGEST}"


def _quotes(field: str) -> str:
    return "; fields in quotes are read where the header has quotes too" if '"' in field else ""


def _count(fields: list[str]) -> str:
    return f"{len(fields)} field{'s' if len(fields) != 1 else ''}"
