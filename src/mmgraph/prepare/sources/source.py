"""One input as DuckDB reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from mmgraph.prepare.engine import identifier
from mmgraph.prepare.sources.dialect import Dialect

ALL_ROWS = "true"
"""The test that every row meets, in SQL."""


@dataclass(frozen=True)
class Text:
    """The plain text behind an input, in which a row can be found again.

    Attributes:
        path: the file.
        dialect: how its lines are split.
        fields: the SQL of the fields of a line, all of them in order.
    """

    path: Path
    dialect: Dialect
    fields: Sequence[str]


class Moment(NamedTuple):
    """A column of times.

    Attributes:
        micros: the SQL of microseconds since 1970.
        zoned: whether they are times in a known zone.
    """

    micros: str
    zoned: bool


@dataclass(frozen=True)
class Source:
    """A table to stream, and what to call it.

    Attributes:
        relation: what stands behind FROM.
        columns: the SQL of each column's text by its name.
        name: the file as it was given, or what a data frame is called.
        moments: columns that hold times of a type of their own.
        no_ids: the test of values that can be no id, by column, where not every text can be one.
        broken: what each row must not be: SQL by what is said of such a row.
        file: for ``dataset.json``: name, size and SHA-256.
        text: where lines can be named; None for what has rows alone.
        label: 0 train, 1 validation, 2 test where the whole input is of one part.
    """

    relation: str
    columns: Mapping[str, str]
    name: str = ""
    moments: Mapping[str, Moment] = field(default_factory=dict)
    no_ids: Mapping[str, str] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    file: Mapping[str, str | int] = field(default_factory=dict)
    text: Text | None = None
    label: int | None = None

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return list(self.columns)


def text_of(column: str) -> str:
    """The SQL of a column's value as text.

    >>> text_of("id")
    'CAST("id" AS VARCHAR)'
    """
    return f"CAST({identifier(column)} AS VARCHAR)"
