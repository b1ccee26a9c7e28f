"""Groups of users that somebody gives: a mapping, or a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmgraph.pipeline.serving import IdTable
from mmgraph.reading import read_layout, read_rows

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_COLUMNS = ("user", "group")


def given_groups(given: str | Path | Mapping[Any, str], users: IdTable) -> list[str | None]:
    """The group of each user by row, None where none is given.

    Args:
        given: groups by the users' ids, or a file ``.csv`` or ``.tsv`` with columns ``user`` and ``group``.
        users: who there is.

    Raises:
        ValueError: if a user is not there or stands twice, or the file lacks a column; names the line.
        FileNotFoundError: if there is no such file.

    Example:
        >>> import numpy as np
        >>> given_groups({9: "old", "5": "new"}, IdTable("user", np.array([5, 7, 9])))
        ['new', None, 'old']
    """
    pairs = list(given.items()) if isinstance(given, Mapping) else _read(Path(given).expanduser())
    if not pairs:
        raise ValueError("by: no user is given a group")
    found: list[str | None] = [None] * len(users)
    rows = users.rows([str(user) for user, _ in pairs], name="by")
    for row, (_, group) in zip(rows.tolist(), pairs, strict=True):
        found[row] = str(group)
    return found


def _read(path: Path) -> list[tuple[str, str]]:
    separator = _SEPARATORS.get(path.suffix)
    if separator is None:
        raise ValueError(f"by={path}: must be a file .csv or .tsv with columns user and group")
    header = read_layout(path, separator=separator).header
    if missing := [name for name in _COLUMNS if name not in header]:
        raise ValueError(f"{path}:1: no column {' and '.join(missing)} in the header {header}")
    found: dict[str, str] = {}
    for number, row in read_rows(path, separator=separator):
        if row["user"] in found:
            raise ValueError(f"{path}:{number}: user {row['user']!r} stands twice; give every user one group")
        found[row["user"]] = row["group"]
    return list(found.items())
