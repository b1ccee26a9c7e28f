"""Users and items as people give them: all, by their ids, or in a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmgraph.pipeline.serving.ids import IdTable, UnknownIdError
from mmgraph.reading import open_text, read_layout, read_rows

ALL = "all"
GivenIds = str | Path | Sequence[str] | Sequence[int] | np.ndarray | Tensor
"""``"all"``, a file, or ids: one, or many."""
_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_OTHER_FILES = (".parquet", ".jsonl", ".json", ".xlsx", ".txt", ".gz", ".npy")


def rows_of(given: Any, table: IdTable, *, name: str, may_be_empty: bool = False) -> Tensor:
    """The rows of the nodes that are meant.

    Args:
        given: ``"all"``; a list of ids, or one; or a file with an id a line, or with a column of them (``.csv``,
            ``.tsv``: ``user``, ``item``, ``original_id``).
        table: the ids that there are.
        name: what they are called, for messages.
        may_be_empty: whether an empty list or file is one, too.

    Raises:
        ValueError: if none is given, one is not there, or it is not plain what is meant.
        FileNotFoundError: if there is no such file.

    Example:
        >>> table = IdTable("user", np.array([5, 7, 9]))
        >>> rows_of("all", table, name="users"), rows_of([9, 5], table, name="users")
        (tensor([0, 1, 2]), tensor([2, 0]))
    """
    if isinstance(given, str) and given == ALL:
        return torch.arange(len(table))
    if isinstance(given, Path) or (isinstance(given, str) and _is_file(given, table, name)):
        return _rows_of_file(Path(given).expanduser(), table, name, may_be_empty)
    if may_be_empty and not isinstance(given, str) and len(given) == 0:
        return torch.empty(0, dtype=torch.long)
    return table.rows([given] if isinstance(given, str) else given, name=name)


def _is_file(text: str, table: IdTable, name: str) -> bool:
    """Whether a text names a file; an id of the same name is an error, not a guess."""
    path = Path(text).expanduser()
    there = text != "" and path.is_file()
    known = text in table
    if there and known:
        raise ValueError(
            f"{name}={text}: there is a {table.kind} of this name and a file, too; write [{text}] for the "
            f"{table.kind}, ./{text} for the file"
        )
    if not there and not known and (path.parent != Path() or path.suffix.lower() in (*_SEPARATORS, *_OTHER_FILES)):
        raise FileNotFoundError(f"{name}={text}: there is no such file, and no {table.kind} of this name")
    return there


def _rows_of_file(path: Path, table: IdTable, name: str, may_be_empty: bool) -> Tensor:
    lines = dict(_read_ids(path, table.kind))
    if not lines and may_be_empty:
        return torch.empty(0, dtype=torch.long)
    if not lines:
        raise ValueError(f"{name}: {path} holds no id; it needs one a line")
    try:
        return table.rows(list(lines.values()), name=name)
    except UnknownIdError as error:
        raise ValueError(f"{path}:{list(lines)[error.position]}: {error}") from None


def _read_ids(path: Path, kind: str) -> list[tuple[int, str]]:
    """Ids and the numbers of their lines."""
    separator = _SEPARATORS.get(path.suffix.lower())
    if separator is None:
        with open_text(path) as file:
            lines = [(number, line.rstrip("\r\n")) for number, line in enumerate(file, start=1)]
        return [(number, text) for number, text in lines if text]
    header = read_layout(path, separator=separator).header
    names = (kind, "original_id", f"{kind}_id", f"{kind}ID")
    column = next((name for name in names if name in header), None)
    if column is None:
        raise ValueError(
            f"{path}:1: no column of {kind}s in the header {header}; name one '{kind}', or give a text file of another "
            "ending with an id a line"
        )
    return [(number, row[column]) for number, row in read_rows(path, separator=separator)]
