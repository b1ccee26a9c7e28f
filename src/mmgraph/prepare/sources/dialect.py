"""How the lines of a file are split into fields."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_LONGEST_HEADER = 2**20
_SEPARATORS = ("::", "\t", ",", ";", "|")


@dataclass(frozen=True)
class Dialect:
    """How a line is split.

    Attributes:
        separator: between fields, up to four characters.
        quote: around fields that hold separators or line ends; empty for none.
    """

    separator: str
    quote: str = '"'

    def fields(self, line: str) -> list[str]:
        """The fields of one line."""
        if len(self.separator) > 1:
            return line.split(self.separator)
        return next(self.reader([line]), [])

    def reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """The fields of lines, of which a row in quotes may take several."""
        if not self.quote:
            return csv.reader(lines, delimiter=self.separator, quoting=csv.QUOTE_NONE)
        return csv.reader(lines, delimiter=self.separator, quotechar=self.quote)


def find_dialect(path: Path, *, separator: str | None, quote: str = '"') -> Dialect:
    """The dialect of a file: its separator is the one that its first line has most of, unless it is given.

    Args:
        path: plain text.
        separator: as given.
        quote: as given.
    """
    if separator is not None:
        return Dialect(separator, quote)
    line = first_line(path)
    counts = {mark: line.count(mark) for mark in _SEPARATORS}
    return Dialect(max(counts, key=lambda mark: counts[mark]), quote)


def first_line(path: Path) -> str:
    """The first line without its end and without a byte order mark."""
    with path.open("rb") as file:
        return file.readline(_LONGEST_HEADER).decode("utf-8-sig", errors="replace").rstrip("\n")
