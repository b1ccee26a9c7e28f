"""CSV, TSV and their relatives: a line a row, fields between separators."""

from collections.abc import Sequence
from pathlib import Path

from mmgraph.prepare.engine import literal, path_literal
from mmgraph.prepare.sources.dialect import Dialect, first_line
from mmgraph.prepare.sources.source import Source, Text, text_of


def delimited(path: Path, dialect: Dialect, *, name: str, header: Sequence[str] | None = None) -> Source:
    """A table of text; every field is read as text, so that no id is taken for a number.

    Args:
        path: plain text.
        dialect: how it is split.
        name: what to call it.
        header: names of the columns where the file has no line of them; ``None`` where it has.

    Raises:
        ValueError: a name stands twice in the header.
    """
    names = dialect.fields(first_line(path)) if header is None else list(header)
    places = {column: f"c{place}" for place, column in enumerate(names)}
    if len(places) < len(names):
        twice = sorted({column for column in names if names.count(column) > 1})
        raise ValueError(f"{name}:1: {twice} stands twice in the header {names}; give every column its own name")
    types = ", ".join(f"'{place}': 'VARCHAR'" for place in places.values())
    # The dialect is given in full: DuckDB guesses it from the beginning, and is then wrong about the rest.
    relation = (
        f"read_csv({path_literal(path)}, columns = {{{types}}}, header = {str(header is None).lower()}, "
        f"auto_detect = false, delim = {literal(dialect.separator)}, quote = {literal(dialect.quote)}, "
        f"escape = {literal(dialect.quote)}, store_rejects = true, rejects_limit = 0)"
    )
    columns = {column: text_of(place) for column, place in places.items()}
    return Source(relation, columns, text=Text(path, dialect, list(columns.values())))
