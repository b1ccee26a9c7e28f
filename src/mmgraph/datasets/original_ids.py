"""The ids that users and items have where they come from: ``original_id`` in ``users.tsv`` and ``items.tsv``."""

from collections.abc import Iterable
from pathlib import Path

from mmgraph.reading import read_layout, read_rows

COLUMN = "original_id"
FILES = {"user": "users.tsv", "item": "items.tsv"}


def read_original_ids(folder: Path, node_type: str, ids: Iterable[int], column: str) -> list[str] | None:
    r"""Reads the original id of each user, or of each item; ``None`` where no file states them.

    Args:
        folder: where ``users.tsv`` and ``items.tsv`` may lie.
        node_type: ``"user"`` or ``"item"``.
        ids: those of ``NAME.inter``, in the order of rows.
        column: header name of these in the file; the original ones stand under ``original_id``.

    Raises:
        ValueError: the file lacks the column of ids or a row, has a row twice, or an original id that is empty or
            belongs to two; names the line.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "users.tsv").write_text("userID\toriginal_id\n1\tbob\n0\talice\n")
        >>> read_original_ids(folder, "user", range(2), "userID")
        ['alice', 'bob']
    """
    path = folder / FILES[node_type]
    if not path.exists() or COLUMN not in (header := read_layout(path).header):
        return None
    if column not in header:
        raise ValueError(f"{path}:1: no column '{column}' in the header {header}; set columns.{node_type}")
    found = _by_id(path, column)
    if len(set(found.values())) < len(found):
        _blame_repeated(path)
    wanted = list(map(str, ids))
    if absent := next((name for name in wanted if name not in found), None):
        raise ValueError(
            f"{path}: {node_type} {absent} of the interactions has no row; {COLUMN} must be stated for every "
            f"{node_type}, or for none (without that column)"
        )
    return [found[name] for name in wanted]


def _by_id(path: Path, column: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, row in read_rows(path):
        if row[column] in found:
            raise ValueError(f"{path}:{number}: {column} {row[column]!r} has a row already; keep one")
        if not row[COLUMN]:
            raise ValueError(f"{path}:{number}: {COLUMN} is empty; write the id that people know")
        found[row[column]] = row[COLUMN]
    return found


def _blame_repeated(path: Path) -> None:
    """Raises for the first original id that stands a second time; slow, and only run once there is one."""
    lines: dict[str, int] = {}
    for number, row in read_rows(path):
        first = lines.setdefault(row[COLUMN], number)
        if first != number:
            raise ValueError(
                f"{path}:{number}: {COLUMN} {row[COLUMN]!r} stands already on line {first}; each must have its own"
            )
