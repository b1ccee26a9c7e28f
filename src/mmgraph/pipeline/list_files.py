"""Lists in a file: Parquet, CSV or JSON lines, written whole or not at all, in memory that the users do not add to."""

import csv
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mmgraph.files import open_new, put_in_place
from mmgraph.pipeline.listing import Listing
from mmgraph.prepare.engine import connect

Block = dict[str, np.ndarray]
Take = Callable[[Block], None]
"""Takes lines of a table, column by column."""
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_GROUP = 100_000  # lines that Parquet is given at once
_MEMORY = "512MB"


class Written(NamedTuple):
    """What came into a file.

    Attributes:
        lists: how many.
        lines: one for each item.
        changed_ids: of a CSV file, ids that got a ``'``, so that no spreadsheet takes them for a formula.
    """

    lists: int
    lines: int
    changed_ids: int


def write_lists(listing: Listing, out: str | Path, *, on_lists: Callable[[int], None] | None = None) -> Written:
    """Writes lists as a table, a line for each item: ``user, rank, item, score``, and ``title`` where it is known.

    Args:
        listing: the lists.
        out: ``NAME.parquet`` (needs the extra ``prepare``), ``NAME.csv`` or ``NAME.jsonl``. CSV is for people: a text
            that begins with ``=``, ``+``, ``-`` or ``@`` gets a ``'`` before it; the other two are exact.
        on_lists: is called with the number of lists that are done since the last call.

    Raises:
        ValueError: if ``out`` has another ending.
        OSError: if it cannot be written; what was there before is untouched.
        ModuleNotFoundError: if DuckDB is not installed, for Parquet; names the extra.
    """
    path = Path(out).expanduser()
    if path.suffix not in _FORMATS:
        raise ValueError(f"out={out}: must end with {', '.join(_FORMATS)}")
    lines = changed = 0
    with put_in_place(path) as temporary, _FORMATS[path.suffix](temporary, listing) as take:
        for count, block in listing.blocks():
            take(block)
            lines += len(block["rank"])
            changed += _count_formulas(block, listing) if path.suffix == ".csv" else 0
            if on_lists is not None:
                on_lists(count)
    return Written(listing.rows.numel(), lines, changed)


def harmless(text: Any) -> Any:
    """A text that no spreadsheet takes for a formula.

    Example:
        >>> harmless("=1+1"), harmless("a=b"), harmless(-3)
        ("'=1+1", 'a=b', -3)
    """
    return f"'{text}" if isinstance(text, str) and text.startswith(_FORMULAS) else text


def _count_formulas(block: Block, listing: Listing) -> int:
    """Ids that change: of items in their lines, of users once for their list."""
    of = block[listing.columns[0]][block["rank"] == 1]
    ids = [*of, *block[listing.columns[2]]]
    return sum(text is not harmless(text) for text in ids)


@contextmanager
def _csv(path: Path, listing: Listing) -> Iterator[Take]:
    with open_new(path) as file:
        # What is no number stands in quotes, the header as well: so readers of ours know that fields may.
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        writer.writerow(listing.columns)

        def take(block: Block) -> None:
            columns = ([harmless(value) for value in values] for values in _values(block).values())
            writer.writerows(zip(*columns, strict=True))

        yield take


@contextmanager
def _json_lines(path: Path, listing: Listing) -> Iterator[Take]:
    with open_new(path) as file:

        def take(block: Block) -> None:
            values = _values(block)
            rows = (dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True))
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)

        yield take


@contextmanager
def _parquet(path: Path, listing: Listing) -> Iterator[Take]:
    """Collects lines in a database beside the file, which DuckDB holds within its bounds, and writes them out."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=path.name) as folder:
        connection = connect(f"{folder}/lists.duckdb", memory_limit=_MEMORY, temp_directory=folder)
        from duckdb import Error

        table = _Table(connection, listing)
        try:
            yield table.take
            table.copy_to(path)
        except Error as error:
            raise OSError(f"DuckDB: {error}") from error
        finally:
            connection.close()


class _Table:
    """Lines on their way into a Parquet file."""

    def __init__(self, connection: Any, listing: Listing) -> None:
        self.connection = connection
        self.waiting: list[Block] = []
        of, item = ("VARCHAR" if table.is_text else "BIGINT" for table in (listing.of, listing.items))
        kinds = (of, "INTEGER", item, "FLOAT", "VARCHAR")
        columns = (f'"{name}" {kind}' for name, kind in zip(listing.columns, kinds, strict=False))
        connection.execute(f"CREATE TABLE lists ({', '.join(columns)})")

    def take(self, block: Block) -> None:
        self.waiting.append(block)
        if sum(len(block["rank"]) for block in self.waiting) >= _GROUP:
            self._insert()

    def copy_to(self, path: Path) -> None:
        self._insert()
        quoted = str(path).replace("'", "''")
        self.connection.execute(f"COPY lists TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)")

    def _insert(self) -> None:
        if not self.waiting:
            return
        joined = {name: np.concatenate([block[name] for block in self.waiting]) for name in self.waiting[0]}
        self.waiting.clear()
        self.connection.register("block", joined)
        self.connection.execute("INSERT INTO lists SELECT * FROM block")
        self.connection.unregister("block")


def _values(block: Block) -> dict[str, list[Any]]:
    """The columns as Python has them; a score with the digits that float32 has."""
    return {name: _shortest(values) if name == "score" else values.tolist() for name, values in block.items()}


def _shortest(scores: np.ndarray) -> list[float]:
    return scores.astype(str).astype(float).tolist()


_FORMATS: Mapping[str, Callable[..., Any]] = {".parquet": _parquet, ".csv": _csv, ".jsonl": _json_lines}
