"""Splits of interactions into train, validation and test, all seeded and independent of the order of lines."""

import numpy as np
from jaxtyping import Float64, Int64

from mmgraph.datasets.interactions import TEST, TRAIN, VAL, Interactions

SPLITS = {
    "auto": ["x_label"],
    "x_label": ["x_label"],
    "per_user_random": [],
    "per_user_time": ["timestamp"],
    "global_time": ["timestamp"],
}
"""The columns that each split reads."""


def needed_columns(split: str) -> list[str]:
    """Lists the columns that a split reads beside user and item.

    Raises:
        ValueError: there is no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"split={split!r}: must be one of {list(SPLITS)}")
    return SPLITS[split]


def split_labels(table: Interactions, *, split: str = "auto", seed: int = 0) -> Int64[np.ndarray, "interactions"]:
    """Labels every interaction 0 (train), 1 (validation) or 2 (test).

    Args:
        table: the interactions.
        split: ``"x_label"`` (the file's own split), ``"per_user_random"`` (MMRec's rule, :func:`held_out_counts`),
            ``"per_user_time"`` (the same counts; the latest are test, those before validation), ``"global_time"``
            (quantiles of the timestamps: the first 80 % train, 10 % validation, 10 % test; equal times stay together)
            or ``"auto"`` (the file's own where it has one, else per user at random).
        seed: of the draws, and of the order among equal timestamps of a user.

    Raises:
        ValueError: the split is not known or needs a column that the file lacks, or one of its parts is empty.

    Example:
        >>> table = Interactions(np.array([0, 0, 0]), np.array([0, 1, 2]), 1, 3, timestamp=np.array([5.0, 9.0, 7.0]))
        >>> split_labels(table, split="per_user_time")
        array([0, 2, 1])
    """
    needed_columns(split)
    if split == "auto":
        split = "per_user_random" if table.x_label is None else "x_label"
    if split == "x_label":
        labels = _required(table.x_label, split, "x_label")
    elif split == "global_time":
        labels = _global_time(_required(table.timestamp, split, "timestamp"))
    else:
        keys = [np.random.default_rng(seed).random(len(table))]
        if split == "per_user_time":
            keys.append(-_required(table.timestamp, split, "timestamp"))
        labels = _per_user(table.user, np.lexsort((*keys, table.user)))
    for name, label in (("train", TRAIN), ("validation", VAL), ("test", TEST)):
        if not (labels == label).any():
            raise ValueError(f"split={split!r}: the {name} part is empty ({len(table)} interactions in all)")
    return labels


def held_out_counts(
    degree: Int64[np.ndarray, "users"],
) -> tuple[Int64[np.ndarray, "users"], Int64[np.ndarray, "users"]]:
    """Counts the validation and test items of a user with ``degree`` interactions, by the rule of MMRec's notebooks.

    Below ten interactions one each; from ten on a fifth is held out, the smaller half of it for validation. Users with
    fewer than three keep all of them for training.

    Example:
        >>> held_out_counts(np.array([2, 3, 9, 10, 15]))
        (array([0, 1, 1, 1, 1]), array([0, 1, 1, 1, 2]))
    """
    held_out = np.where(degree < 3, 0, np.where(degree < 10, 2, degree // 5))
    val = held_out // 2
    return val, held_out - val


def _per_user(user: Int64[np.ndarray, "n"], order: Int64[np.ndarray, "n"]) -> Int64[np.ndarray, "n"]:
    """Gives the first of each user's rows, in ``order``, to test, the next to validation, the rest to train."""
    degree = np.bincount(user)
    place = np.arange(len(user)) - np.repeat(np.cumsum(degree) - degree, degree)
    val, test = (np.repeat(count, degree) for count in held_out_counts(degree))
    labels = np.empty(len(user), dtype=np.int64)
    labels[order] = np.select([place < test, place < test + val], [TEST, VAL], default=TRAIN)
    return labels


def _global_time(timestamp: Float64[np.ndarray, "n"]) -> Int64[np.ndarray, "n"]:
    """Cuts at the 80 % and 90 % quantile of time."""
    val_after, test_after = np.quantile(timestamp, [0.8, 0.9], method="inverted_cdf")
    return np.where(timestamp > test_after, TEST, np.where(timestamp > val_after, VAL, TRAIN))


def _required(values: np.ndarray | None, split: str, column: str) -> np.ndarray:
    if values is None:
        raise ValueError(
            f"split={split!r}: the file has no {column} column; set columns.{column} or use split='per_user_random'"
        )
    return values
