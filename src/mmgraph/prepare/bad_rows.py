"""Rows that cannot be read: named by file and line, set aside where a file is given, never dropped in silence."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from mmgraph.files import atomic_write
from mmgraph.prepare.engine import Engine
from mmgraph.prepare.sources.places import find_rows, lines_at
from mmgraph.prepare.sources.source import ALL_ROWS, Source
from mmgraph.terminal import printable

_SHOWN = 3
_MOST = 1_000_000
_LONGEST = 160
_LOST = {
    "UNQUOTED VALUE": "a quote is not closed, or something stands behind a closing one (quote=null if quotes are text)",
    "LINE SIZE OVER MAXIMUM": "the line is longer than 2 MiB",
    "INVALID STATE": "the line cannot be split into fields",
}
"""Behind these nobody knows where the next row begins, nor how many rows are lost: they cannot be set aside."""
_CUT = {
    "MISSING COLUMNS": "there are fewer fields than in the header",
    "TOO MANY COLUMNS": "there are more fields than in the header",
    "INVALID ENCODING": "this is no UTF-8 (set encoding=latin-1, or what it is)",
}


class BadRow(NamedTuple):
    """A row that breaks a rule.

    Attributes:
        line: number of its first line, or of the row where there are no lines.
        name: of the file.
        rule: what is wrong.
        text: the row.
    """

    line: int
    name: str
    rule: str
    text: str

    def __str__(self) -> str:
        short = self.text if len(self.text) <= _LONGEST else f"{self.text[:_LONGEST]}..."
        return f"{self.name}:{self.line}: {self.rule}: {_one_line(short)}"


class BadRows:
    """Collects the rows that break a rule.

    Args:
        file: where they are set aside; None where they are an error.
    """

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.found: list[BadRow] = []
        self.rows: dict[str, int] = {}

    def counts(self, name: str) -> dict[str, int]:
        """How many rows a source had, and how many of them are here."""
        return {"rows": self.rows[name], "set_aside": sum(row.name == name for row in self.found)}

    def collect(self, source: Source, rows: Iterator[BadRow], *, count: int) -> None:
        """Sets rows of a source aside.

        Raises:
            ValueError: there is no file for them, or they are so many that something else is wrong.
        """
        if self.file is None or count > _MOST:
            first = "\n".join(map(str, sorted(islice(rows, _SHOWN))))
            more = f"\n({count:,} such rows in {source.name})" if count > _SHOWN else ""
            many = "these are too many to be set aside"
            advice = "mend it, or set bad_rows=FILE to set such rows aside there" if self.file is None else many
            raise ValueError(f"{first}{more}\n{advice}")
        found = sorted(rows)
        assert len(found) == count, f"{source.name}: {count} rows break a rule, {len(found)} were found again"
        self.found += found

    def write(self) -> None:
        """Writes place, rule and text of each row, in the order of the files."""
        if self.file is None or not self.found:
            return
        with atomic_write(self.file) as file:
            file.write("file\tline\trule\trow\n")
            file.writelines(f"{row.name}\t{row.line}\t{row.rule}\t{_one_line(row.text)}\n" for row in self.found)


def id_rules(source: Source, column: str, side: str) -> dict[str, str]:
    """What an id must not be: SQL by what is said of such a row.

    Args:
        source: what is read.
        column: that of the ids.
        side: ``user`` or ``item``.

    Raises:
        ValueError: all of the column is of a type that no id has.
    """
    if source.no_ids.get(column) == ALL_ROWS:
        raise ValueError(
            f"{source.name}: the {side}s in column {column!r} are neither texts nor whole numbers; make them one (in "
            "pandas, whole numbers become decimals where one is missing: .astype('Int64'))"
        )
    text = source.columns[column]
    return {
        f"the {side} is neither a text nor a whole number": source.no_ids.get(column, "false"),
        f"the {side} is empty": f"coalesce(trim({text}), '') = ''",
        # Mostly a quote that was opened in one line and closed in another.
        f"the {side} holds a line break": f"contains({text}, chr(10))",
    }


def read_rows(
    engine: Engine, source: Source, rules: Mapping[str, str], bad: BadRows, *, into: str, values: Sequence[str]
) -> None:
    """Inserts the sound rows of a source into a table and collects the others.

    Args:
        engine: holds the table, whose last column, ``mark``, is for this alone.
        source: what is read.
        rules: what a row must not be, in SQL by what is said of such a row.
        bad: is handed the rows that are.
        into: the table.
        values: the SQL of its other columns.

    Raises:
        ValueError: a row breaks a rule and there is no file to set it aside, or it cannot be set aside.
    """
    tests = "".join(f" WHEN {test} THEN {place}" for place, test in enumerate(rules.values(), start=1))
    mark = f"CASE{tests} ELSE 0 END"
    before = engine.value(f"SELECT count(*) FROM {into}")
    engine.forget_rejects()
    engine.run(f"INSERT INTO {into} SELECT {', '.join(values)}, {mark} FROM {source.relation}")
    cut = _cut_rows(source, engine.rejects())
    marked = engine.value(f"SELECT count(*) FROM {into} WHERE mark > 0")
    bad.rows[source.name] = engine.value(f"SELECT count(*) FROM {into}") - before + len(cut)
    if cut or marked:
        names = list(rules)
        found = find_rows(engine, source, f"nullif({mark}, 0)")
        broken = (BadRow(place.line, source.name, names[place.value - 1], place.text) for place in found)
        bad.collect(source, chain(cut, broken), count=len(cut) + marked)
        engine.run(f"DELETE FROM {into} WHERE mark > 0")


def _cut_rows(source: Source, rejects: Sequence[tuple[Any, ...]]) -> list[BadRow]:
    """The rows that could not be split, from the bytes at which they begin."""
    if not rejects:
        return []
    assert source.text is not None
    lines = lines_at(source.text.path, [position for position, _, _ in rejects])
    found = []
    for line, (_, kind, text) in zip(lines, rejects, strict=True):
        blank = len(text) - len(text.lstrip("\n"))  # DuckDB counts blank lines to the row below them
        row = BadRow(line + blank, source.name, _LOST.get(kind) or _CUT[kind], text.strip("\n"))
        if kind in _LOST:
            raise ValueError(f"{row}\nthe rows behind it cannot be told apart: mend it")
        found.append(row)
    return found


def _one_line(text: str) -> str:
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")
