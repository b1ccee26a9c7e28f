"""Which index an id gets: users and items are numbered from 0, and row i of the features belongs to item i."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from mmgraph.datasets.features import SUFFIX
from mmgraph.datasets.interactions import Interactions


def first_item(ids: Int64[np.ndarray, "interactions"], num_rows: Mapping[str, int], folder: Path) -> int:
    """The id that row 0 of the features belongs to: 0, or 1 where ids begin with 1 and there is no row 0 for them.

    Args:
        ids: ids of items as they stand in the file of interactions.
        num_rows: rows of each feature file by modality.
        folder: where these lie, for messages.

    Raises:
        ValueError: the feature files differ in their numbers of rows, or have too few.

    Example:
        >>> first_item(np.array([1, 2, 3]), {"text": 3}, Path("shop"))
        1
        >>> first_item(np.array([1, 2, 3]), {"text": 4}, Path("shop"))  # item 0 was never bought
        0
    """
    smallest = int(ids.min())
    largest = int(ids.max())
    if not num_rows:
        return min(smallest, 1)
    if len(set(num_rows.values())) > 1:
        sizes = ", ".join(f"{name}{SUFFIX} has {rows}" for name, rows in num_rows.items())
        raise ValueError(
            f"{folder}: the feature files differ in rows ({sizes}); row i must belong to item i in each, all NaN where "
            "an item lacks the modality; choose one by modalities=[...]"
        )
    name, rows = next(iter(num_rows.items()))
    if rows > largest:
        return 0
    if smallest == 1 and rows == largest:
        return 1
    raise ValueError(
        f"{folder / name}{SUFFIX}: {rows} rows, but the item ids reach from {smallest} to {largest}; row i must belong "
        "to id i (to id i + 1 where ids begin with 1). Number the items 0..n-1 (ids, index = numpy.unique(items, "
        "return_inverse=True)) and save row i for ids[i], all NaN where an item lacks the modality"
    )


def number_from_zero(table: Interactions, *, first: int, num_rows: int | None) -> Interactions:
    """Numbers users and items from 0 whose ids begin with 1, and counts the items that only the features know.

    Args:
        table: with ids as in the file, users without gaps.
        first: id of item 0, as :func:`first_item` gives it.
        num_rows: number of rows of the features; ``None`` without features.
    """
    first_user = int(table.user.min())
    num_users = table.num_users - first_user
    num_items = table.num_items - first if num_rows is None else num_rows
    return replace(
        table, user=table.user - first_user, item=table.item - first, num_users=num_users, num_items=num_items,
        raw_user=_ids(first_user, num_users), raw_item=_ids(first, num_items),
    )  # fmt: skip


def _ids(first: int, count: int) -> Int64[np.ndarray, "ids"] | None:
    return None if first == 0 else np.arange(first, first + count)
