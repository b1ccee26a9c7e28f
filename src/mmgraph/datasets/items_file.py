"""``items.tsv``: what the items are, for people, and their categories."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from mmgraph.reading import read_layout, read_rows

FILE = "items.tsv"


def read_items(folder: Path, ids: Sequence[int], columns: Mapping[str, str]) -> list[dict[str, str]] | None:
    """Reads a row (or ``{}``) for each item; ``None`` without ``items.tsv``.

    Args:
        folder: where the file may lie.
        ids: the items' ids.
        columns: header names by meaning; ``item`` is that of the ids.

    Raises:
        ValueError: the file is no such table, names an item twice, or none of the items.
    """
    path = folder / FILE
    column = columns["item"]
    if not path.exists():
        return None
    header = read_layout(path).header
    if column not in header:
        raise ValueError(f"{path}:1: no column '{column}' in the header {header}; set columns.item")
    by_id: dict[str, dict[str, str]] = {}
    for number, row in read_rows(path):
        if row[column] in by_id:
            raise ValueError(f"{path}:{number}: item {row[column]!r} has a row already; keep one")
        by_id[row[column]] = row
    items = [by_id.get(str(i), {}) for i in ids]
    if by_id and not any(items):
        raise ValueError(
            f"{path}: none of its {len(by_id)} ids ({_first(by_id)}) is an item of the interactions "
            f"({_first(ids)}); write them in the same way, as whole numbers"
        )
    return items


def read_categories(folder: Path, ids: Sequence[int], columns: Mapping[str, str]) -> Int64[np.ndarray, "items"] | None:
    """Numbers the items' categories by first appearance; ``None`` where ``items.tsv`` has no such column.

    Items without a row, or with nothing in it, share a category of their own.
    """
    path = folder / FILE
    column = columns["category"]
    if not path.exists() or column not in read_layout(path).header:
        return None
    names = [item.get(column, "") for item in read_items(folder, ids, columns) or []]
    code = {name: place for place, name in enumerate(dict.fromkeys(names))}
    return np.array([code[name] for name in names], dtype=np.int64)


def _first(ids: object) -> str:
    listed = [repr(i) for i, _ in zip(ids, range(3), strict=False)]  # type: ignore[call-overload]
    return ", ".join(listed)
