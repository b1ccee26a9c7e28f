"""How the lines of a file are split into fields."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_LONGEST_HEADER = 2**20
_SEPARATORS = (",", "\t", ";", "|", "::")


class Row(NamedTuple):
    """A row of a file.

    Attributes:
        first: number of its first line, from 1.
        last: number of its last one: a field in quotes may hold line ends.
        text: these lines.
        fields: what stands between the separators.
    """

    first: int
    last: int
    text: str
    fields: list[str]


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
        return next(self._split([line]), [])

    def rows(self, path: Path) -> Iterator[Row]:
        """The rows of a file one by one, up to one that cannot be split."""
        taken: list[str] = []
        number = 0
        with path.open(encoding="utf-8-sig", errors="replace", newline="\n") as file:
            try:
                for fields in self._split(_noted(file, taken)):
                    yield Row(number + 1, number + len(taken), "".join(taken).rstrip("\n"), fields)
                    number += len(taken)
                    taken.clear()
            except csv.Error:  # more than a field can hold: a quote that is not closed, which is found otherwise
                return

    def _split(self, lines: Iterable[str]) -> Iterator[list[str]]:
        if len(self.separator) > 1:
            return (line.rstrip("\n").split(self.separator) for line in lines)
        if not self.quote:
            return csv.reader(lines, delimiter=self.separator, quoting=csv.QUOTE_NONE)
        return csv.reader(lines, delimiter=self.separator, quotechar=self.quote)


def _noted(lines: Iterable[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line


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
