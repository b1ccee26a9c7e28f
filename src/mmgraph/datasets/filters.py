"""Filters of interactions that come before the split: a least rating and the k-core."""

from dataclasses import replace

import numpy as np
from jaxtyping import Int64

from mmgraph.datasets.interactions import Interactions


def keep_rated(table: Interactions, *, min_rating: float) -> Interactions:
    """Keeps interactions with a rating of at least ``min_rating``; users and items stay, if need be without any.

    Raises:
        ValueError: there are no ratings, or none is that high.
    """
    if table.rating is None:
        raise ValueError(
            f"min_rating={min_rating}: the file has no rating column; set columns.rating or drop min_rating"
        )
    if not (liked := table.rating >= min_rating).any():
        raise ValueError(
            f"min_rating={min_rating}: no interaction is left; the highest rating is {table.rating.max():g}"
        )
    return table.take(liked)


def k_core(table: Interactions, *, k: int) -> Interactions:
    """Drops users and items with fewer than ``k`` interactions until none is left, and re-indexes the rest.

    With ``k=1`` nothing but users and items without any interaction is dropped. What the ids were is kept in
    ``raw_user`` and ``raw_item``.

    Raises:
        ValueError: ``k`` is below 1, or nothing is left.

    Example:
        >>> table = Interactions(np.array([0, 0, 1, 1, 2]), np.array([0, 7, 0, 7, 3]), num_users=3, num_items=8)
        >>> core = k_core(table, k=2)
        >>> core.item, core.raw_item
        (array([0, 1, 0, 1]), array([0, 7]))
    """
    if k < 1:
        raise ValueError(f"k_core={k}: must be at least 1")
    # Ids may be sparse and huge; counting needs dense ones.
    _, user = np.unique(table.user, return_inverse=True)
    _, item = np.unique(table.item, return_inverse=True)
    rows = np.arange(len(table))
    while len(rows):
        enough = (np.bincount(user[rows])[user[rows]] >= k) & (np.bincount(item[rows])[item[rows]] >= k)
        if enough.all():
            return _reindex(table.take(rows))
        rows = rows[enough]
    raise ValueError(f"k_core={k}: no interaction is left; choose a smaller k")


def _reindex(table: Interactions) -> Interactions:
    """Numbers the users and items that occur from 0, in the order of their ids."""
    used_user, user = np.unique(table.user, return_inverse=True)
    used_item, item = np.unique(table.item, return_inverse=True)
    return replace(
        table, user=user, item=item, num_users=len(used_user), num_items=len(used_item),
        raw_user=_raw(table.raw_user, used_user), raw_item=_raw(table.raw_item, used_item),
    )  # fmt: skip


def _raw(raw: Int64[np.ndarray, "all"] | None, used: Int64[np.ndarray, "kept"]) -> Int64[np.ndarray, "kept"]:
    return used if raw is None else raw[used]
