"""Where a row stands in its file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mmgraph.prepare.engine import Engine
from mmgraph.prepare.sources.source import Source, Text


class Place(NamedTuple):
    """A row that was looked for.

    Attributes:
        line: number of its first line, or of the row where there are no lines.
        text: the row.
        value: what was asked of it.
    """

    line: int
    text: str
    value: Any


def find_rows(engine: Engine, source: Source, value: str) -> Iterator[Place]:
    """The rows of a source for which an expression is not NULL, in order; they are few.

    Args:
        engine: reads them.
        source: where they are.
        value: the SQL.
    """
    if source.text is None:
        text = f"concat_ws(', ', {', '.join(source.columns.values())})"
        found = engine.stream(f"""
            WITH numbered AS (
                SELECT row_number() OVER () AS line, {text} AS text, {value} AS value FROM {source.relation}
            )
            SELECT * FROM numbered WHERE value IS NOT NULL ORDER BY line
        """)
        return (Place(*row) for row in found)
    return _find_lines(engine, source.relation, source.text, value)


def _find_lines(engine: Engine, relation: str, text: Text, value: str) -> Iterator[Place]:
    """The content identifies a row: one like it, wherever it stands, has the same value."""
    fields = ", ".join(f"coalesce({field}, '')" for field in text.fields)
    found = engine.stream(f"""
        WITH valued AS (SELECT [{fields}] AS fields, {value} AS value FROM {relation})
        SELECT DISTINCT * FROM valued WHERE value IS NOT NULL
    """)
    values = {tuple(content): value for content, value in found}
    for row in text.dialect.rows(text.path):
        if (key := tuple(row.fields)) in values:
            yield Place(row.first, row.text, values[key])


def lines_at(path: Path, positions: Sequence[int]) -> list[int]:
    """The numbers of the lines that hold given bytes, in ascending order; what DuckDB counts are rows."""
    lines = []
    line = 1
    before = 0
    with path.open("rb") as file:
        for position in positions:
            while before < position:
                chunk = file.read(min(2**20, position - before))
                line += chunk.count(b"\n")
                before += len(chunk)
            lines.append(line)
    return lines
