"""The table of interactions that filters, splits and graphs are made from."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64, Int64

TRAIN = 0
VAL = 1
TEST = 2
"""The values of ``x_label``."""


@dataclass(frozen=True)
class Interactions:
    """Who interacted with what, one row an interaction, sorted by user and then by item.

    The order makes everything that is computed from it independent of the order of lines in a file.

    Attributes:
        user: index of the user.
        item: index of the item.
        num_users: number of users, those without a row included.
        num_items: number of items, those without a row included.
        rating: explicit rating, where there is one.
        timestamp: any number that grows with time, where there is one.
        weight: how much each interaction counts, above 0, where the file states it.
        x_label: 0 train, 1 validation, 2 test, where the file brings its split.
        raw_user: the file's id of each user, ``None`` where it is the index.
        raw_item: the file's id of each item, ``None`` where it is the index.
    """

    user: Int64[np.ndarray, "interactions"]
    item: Int64[np.ndarray, "interactions"]
    num_users: int
    num_items: int
    rating: Float64[np.ndarray, "interactions"] | None = None
    timestamp: Float64[np.ndarray, "interactions"] | None = None
    weight: Float64[np.ndarray, "interactions"] | None = None
    x_label: Int64[np.ndarray, "interactions"] | None = None
    raw_user: Int64[np.ndarray, "users"] | None = None
    raw_item: Int64[np.ndarray, "items"] | None = None

    def take(self, rows: np.ndarray) -> "Interactions":
        """Returns the given rows (a boolean mask or indices); users and items stay."""
        columns = ("user", "item", "rating", "timestamp", "weight", "x_label")
        return replace(self, **{c: getattr(self, c)[rows] for c in columns if getattr(self, c) is not None})

    def __len__(self) -> int:
        """Number of interactions."""
        return len(self.user)
