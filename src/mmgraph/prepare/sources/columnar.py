"""Tables with types of their own: Parquet, and data frames in memory."""

import re
from pathlib import Path
from typing import Any

from mmgraph.prepare.engine import Engine, identifier, path_literal
from mmgraph.prepare.sources.source import ALL_ROWS, Moment, Source, text_of

_OF_IDS = re.compile(r"VARCHAR|U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|UUID|ENUM\(.*|DECIMAL\(\d+,0\)", re.DOTALL)
_OF_TIMES = ("TIMESTAMP", "DATE")


def parquet(path: Path, engine: Engine) -> Source:
    """A Parquet file.

    Args:
        path: the file.
        engine: reads its header.
    """
    return _typed(f"read_parquet([{path_literal(path)}])", engine)


def frame(table: Any, engine: Engine, *, name: str) -> Source:
    """A data frame of pandas, Polars or Arrow.

    Args:
        table: the frame.
        engine: which it becomes a table of.
        name: for messages.

    Raises:
        TypeError: it is no data frame.
        ValueError: a column of pandas holds numbers and texts.
    """
    _check_mixed(table, name)
    try:
        engine.register(f"given {name}", table)
    except Exception as error:
        found = type(table).__name__
        raise TypeError(f"{name}: must be paths or a data frame of pandas, Polars or Arrow, found {found}") from error
    return _typed(identifier(f"given {name}"), engine)


def _typed(relation: str, engine: Engine) -> Source:
    types = {column: str(kind) for column, kind, *_ in engine.rows(f"DESCRIBE SELECT * FROM {relation}")}
    moments = {column: _moment(column, kind) for column, kind in types.items() if kind.startswith(_OF_TIMES)}
    # 12.0 is not 12: what a number with decimals was before it became one, nobody knows.
    no_ids = {column: ALL_ROWS for column, kind in types.items() if not _OF_IDS.fullmatch(kind)}
    return Source(relation, {column: text_of(column) for column in types}, moments=moments, no_ids=no_ids)


def _moment(column: str, kind: str) -> Moment:
    if kind == "TIMESTAMP WITH TIME ZONE":
        return Moment(f"epoch_us({identifier(column)})", zoned=True)
    return Moment(f"epoch_us(CAST({identifier(column)} AS TIMESTAMP))", zoned=False)


def _check_mixed(table: Any, name: str) -> None:
    """Refuses what pandas can hold and no file can: 1 and "1" would become the same id."""
    if not hasattr(table, "iloc"):
        return
    for column, kind in table.dtypes.items():
        if str(kind) == "object":
            found = {type(value).__name__ for value in table[column].dropna()}
            if len(found) > 1:
                raise ValueError(f"{name}: column {column!r} mixes {sorted(found)}; make them one: .astype(str)")
