"""DuckDB within bounds: so much memory, a folder of its own for what does not fit, nothing fetched, times in UTC."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from mmgraph.config.extras import missing_package

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_OUTSIDE_LIMIT = 300 * 2**20  # what the process takes beside DuckDB's own limit, measured
_ROWS = 100_000
_LEAST = 100 * 2**20
_FIXED = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,  # a table that is missing is an error, never a variable of Python
}


def connect(database: str | Path, **settings: Any) -> "DuckDBPyConnection":
    """Opens DuckDB with what must never be otherwise.

    Raises:
        ModuleNotFoundError: DuckDB is not installed; names the extra.
    """
    try:
        import duckdb
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(missing_package("duckdb"), name="duckdb") from error
    connection = duckdb.connect(str(database), config={**_FIXED, **settings})
    connection.execute("SET TimeZone = 'UTC'")  # else times without an offset are those of this machine's place
    # It makes a TRY_CAST a part of the file's reader, which drops the rows that cannot be cast.
    connection.execute("SET disabled_optimizers = 'type_pushdown'")
    connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
    return connection


class Engine:
    """A database in a folder of its own.

    Args:
        folder: for the database and what does not fit into memory; must be there.
        memory: bytes for the whole process.
        threads: of DuckDB; ``None`` for one a core.
    """

    def __init__(self, folder: Path, *, memory: int, threads: int | None = None) -> None:
        limit = max(_LEAST, memory - _OUTSIDE_LIMIT)
        settings: dict[str, Any] = {"memory_limit": f"{limit}B", "temp_directory": str(folder / "spilled")}
        if threads is not None:
            settings["threads"] = threads
        self._connection = connect(folder / "work.duckdb", **settings)

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def run(self, sql: str) -> None:
        """Runs a statement.

        Raises:
            OSError: the disk is full, or fails.
            ValueError: the memory is too little.
        """
        self._execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a small result."""
        return self._execute(sql).fetchall()

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a large result, some at a time."""
        cursor = self._execute(sql)
        while rows := cursor.fetchmany(_ROWS):
            yield from rows

    def value(self, sql: str) -> Any:
        """The one value of a result of one row."""
        return self.rows(sql)[0][0]

    def arrays(self, sql: str) -> dict[str, np.ndarray]:
        """The columns of a result."""
        return {name: np.asarray(x) for name, x in self._execute(sql).fetchnumpy().items()}

    def forget_rejects(self) -> None:
        """Empties what :meth:`rejects` gives."""
        self.run("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")

    def rejects(self) -> list[tuple[Any, ...]]:
        """Lines that could not be split since, in order: the byte at which one begins, the kind of error, its text.

        They are only there once all rows have been read.
        """
        if not self.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = 'reject_errors'"):
            return []
        return self.rows("""
            SELECT line_byte_position - 1, min(error_type), any_value(csv_line)
            FROM reject_errors GROUP BY line_byte_position ORDER BY line_byte_position
        """)

    def register(self, name: str, table: Mapping[str, np.ndarray] | Any) -> None:
        """Makes arrays by name of the column, or a data frame, a table."""
        self._connection.register(name, table)

    def _execute(self, sql: str) -> "DuckDBPyConnection":
        import duckdb

        try:
            return self._connection.execute(sql)
        except duckdb.OutOfMemoryException as error:
            raise ValueError(f"memory: is too little for this; give more, as in memory=8GB ({error})") from error
        except duckdb.IOException as error:
            raise OSError(str(error)) from error
        except duckdb.InterruptException:
            raise KeyboardInterrupt from None

    @property
    def progress(self) -> float:
        """Share of the running statement that is done, from 0 to 1; may be asked for by another thread."""
        return max(0.0, self._connection.query_progress() / 100)


def identifier(name: str) -> str:
    """A name as SQL has it.

    >>> identifier("a b")
    '"a b"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL has it.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def path_literal(path: Path) -> str:
    """A file to read as SQL has it: this one alone, where DuckDB takes its name for a pattern that others meet too.

    >>> path_literal(Path("orders [1].csv"))
    "'orders [[]1].csv'"
    """
    return literal("".join(f"[{mark}]" if mark in "*?[" else mark for mark in str(path)))
