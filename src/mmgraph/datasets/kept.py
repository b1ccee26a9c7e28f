"""Labelled interactions between the file they were read from and the cache."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor

from mmgraph.datasets import cache
from mmgraph.datasets.interactions import TEST, TRAIN, VAL, Interactions

_BYTES_A_LINE, _KEPT_BYTES_A_LINE = 4, 48  # "0\t0\n"; four numbers, and the two raw ids it may bring
_OVERHEAD = 2**16


class Labelled(NamedTuple):
    """Interactions and the part that each belongs to.

    Attributes:
        table: the interactions.
        labels: 0 train, 1 validation, 2 test.
        first_row: id that the first row of a feature file belongs to, 0 or 1.
    """

    table: Interactions
    labels: Int64[np.ndarray, "interactions"]
    first_row: int


def save_labelled(path: Path, labelled: Labelled) -> None:
    """Keeps what the graph is made of; ratings and times have served."""
    table = labelled.table
    arrays = {"user": table.user, "item": table.item, "labels": labelled.labels}
    raw = {"raw_user": table.raw_user, "raw_item": table.raw_item, "weight": table.weight}
    tensors = {name: None if x is None else torch.from_numpy(x) for name, x in (arrays | raw).items()}
    sizes = {"num_users": table.num_users, "num_items": table.num_items, "first_row": labelled.first_row}
    cache.save(path, {**tensors, **sizes})


def load_labelled(path: Path, *, file_bytes: int, num_rows: int) -> Labelled | None:
    """What :func:`save_labelled` kept, or ``None`` where it is absent, damaged or nothing that could come from here.

    Args:
        path: the file in the cache, which may be anybody's.
        file_bytes: size of the file of interactions, which bounds what can have come from it.
        num_rows: number of rows of the features.
    """
    lines = file_bytes // _BYTES_A_LINE + 1
    content = cache.load(path, max_bytes=lines * _KEPT_BYTES_A_LINE + 8 * num_rows + _OVERHEAD)
    try:
        labelled = None if content is None else _restored(content)
        return labelled if labelled is None or _is_sound(labelled, lines, num_rows) else None
    except Exception:  # whatever the file holds: it is made anew
        return None


def _restored(content: Mapping[str, Any]) -> Labelled:
    user, item, labels = (_vector(content[name]) for name in ("user", "item", "labels"))
    raw_user, raw_item = (None if (x := content[name]) is None else _vector(x) for name in ("raw_user", "raw_item"))
    num_users, num_items, first_row = (_count(content[name]) for name in ("num_users", "num_items", "first_row"))
    weight = None if (x := content["weight"]) is None else _vector(x, dtype=torch.float64)
    table = Interactions(user, item, num_users, num_items, weight=weight, raw_user=raw_user, raw_item=raw_item)
    return Labelled(table, labels, first_row)


def _is_sound(labelled: Labelled, lines: int, num_rows: int) -> bool:
    """Whether the content could have come from a file of so many lines and features of so many rows."""
    (table, labels, first_row), user, item = labelled, labelled.table.user, labelled.table.item
    ascending = (np.diff(user) > 0) | ((np.diff(user) == 0) & (np.diff(item) > 0))
    return (
        0 < table.num_users <= lines
        and 0 < table.num_items <= max(lines, num_rows)
        and len(user) == len(item) == len(labels)
        and bool(ascending.all())
        and bool(((user >= 0) & (user < table.num_users) & (item >= 0) & (item < table.num_items)).all())
        and set(np.unique(labels).tolist()) == {TRAIN, VAL, TEST}
        and (table.weight is None or (len(table.weight) == len(user) and bool((table.weight > 0).all())))
        and _fits(table.raw_user, table.num_users)
        and _fits(table.raw_item, table.num_items)
        and first_row in (0, 1)
        and (num_rows == 0 or _have_rows(table, first_row, num_rows))
    )


def _fits(raw: Int64[np.ndarray, "ids"] | None, size: int) -> bool:
    return raw is None or (len(raw) == size and raw[0] >= 0 and bool((np.diff(raw) > 0).all()))


def _have_rows(table: Interactions, first_row: int, num_rows: int) -> bool:
    if table.raw_item is None:
        return table.num_items == num_rows
    return bool(table.raw_item[0] >= first_row and table.raw_item[-1] - first_row < num_rows)


def _count(value: Any) -> int:
    if type(value) is not int:
        raise ValueError("must be a number")
    return value


def _vector(value: Tensor, *, dtype: torch.dtype = torch.int64) -> np.ndarray:
    # One with a stride of 0 would be of any length.
    if value.dtype != dtype or value.ndim != 1 or not value.is_contiguous():
        raise ValueError("must be a vector of numbers")
    return value.numpy()
