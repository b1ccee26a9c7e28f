"""Splits of interactions into train, validation and test, all seeded and independent of the order of lines."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int64

from mmgraph.datasets.interactions import TEST, TRAIN, VAL, Interactions

SPLITS = {
    "auto": ["x_label"],
    "x_label": ["x_label"],
    "x_label_draw_validation": ["x_label"],
    "per_user_random": [],
    "per_user_time": ["timestamp"],
    "random": [],
    "global_time": ["timestamp"],
}
"""The columns that each split reads."""
BY_RATIOS = ("random", "global_time")
BY_USER = tuple(name for name in SPLITS if name not in BY_RATIOS)
"""The splits that look at one user at a time."""
RATIOS = (0.8, 0.1, 0.1)


def needed_columns(split: str) -> list[str]:
    """Lists the columns that a split reads beside user and item.

    Raises:
        ValueError: there is no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"split={split!r}: must be one of {list(SPLITS)}")
    return SPLITS[split]


def chosen_split(split: str, *, has_labels: bool) -> str:
    """What ``auto`` stands for: the file's own split where it has one, else per user at random.

    >>> chosen_split("auto", has_labels=True), chosen_split("random", has_labels=True)
    ('x_label', 'random')
    """
    if split != "auto":
        return split
    return "x_label" if has_labels else "per_user_random"


def split_labels(
    table: Interactions, *, split: str = "auto", seed: int = 0, ratios: Sequence[float] | None = None
) -> Int64[np.ndarray, "interactions"]:
    """Labels every interaction 0 (train), 1 (validation) or 2 (test).

    Args:
        table: the interactions.
        split: ``"x_label"`` (the file's own split), ``"x_label_draw_validation"`` (the file's train and test, with
            validation drawn from train for each user), ``"per_user_random"`` (MMRec's rule, :func:`held_out_counts`),
            ``"per_user_time"`` (the same counts; the latest are test, those before validation), ``"random"`` (all
            interactions in one lot, by ``ratios``), ``"global_time"`` (quantiles of the timestamps, by ``ratios``;
            equal times stay together) or ``"auto"`` (the file's own where it has one, else per user at random).
        seed: of the draws, and of the order among equal timestamps of a user.
        ratios: shares of train, validation and test, for :data:`BY_RATIOS`; ``None`` is 8:1:1.

    Raises:
        ValueError: the split is not known or needs a column that the file lacks, or one of its parts is empty.

    Example:
        >>> table = Interactions(np.array([0, 0, 0]), np.array([0, 1, 2]), 1, 3, timestamp=np.array([5.0, 9.0, 7.0]))
        >>> split_labels(table, split="per_user_time")
        array([0, 2, 1])
    """
    labels = label_rows(table, split=split, rng=np.random.default_rng(seed), ratios=ratios)
    check_parts(np.bincount(labels, minlength=3), chosen_split(split, has_labels=table.x_label is not None))
    return labels


def label_rows(
    table: Interactions, *, split: str, rng: np.random.Generator, ratios: Sequence[float] | None = None
) -> Int64[np.ndarray, "interactions"]:
    """What :func:`split_labels` does, but for its look at empty parts.

    A split that draws for each user by himself (:data:`BY_USER`) comes out the same where users, in their order, are
    labelled some at a time with the same generator.

    Args:
        table: the interactions.
        split: one of :data:`SPLITS`.
        rng: what draws.
        ratios: shares of the three parts, for :data:`BY_RATIOS`.
    """
    cuts = _cuts(split, ratios)
    split = chosen_split(split, has_labels=table.x_label is not None)
    if split == "x_label":
        return _required(table.x_label, split, "x_label")
    if split == "x_label_draw_validation":
        return _draw_validation(table.user, _required(table.x_label, split, "x_label"), rng)
    if split == "random":
        return _random(len(table), cuts, rng)
    if split == "global_time":
        return _global_time(_required(table.timestamp, split, "timestamp"), cuts)
    keys = [rng.random(len(table))]
    if split == "per_user_time":
        keys.append(-_required(table.timestamp, split, "timestamp"))
    return _per_user(table.user, np.lexsort((*keys, table.user)))


def _cuts(split: str, ratios: Sequence[float] | None) -> tuple[float, float]:
    """The shares of interactions before validation and before test."""
    needed_columns(split)
    if ratios is None:
        ratios = RATIOS
    elif split not in BY_RATIOS:
        raise ValueError(f"ratios={list(ratios)}: split={split!r} takes none; leave it out, or use one of {BY_RATIOS}")
    if len(ratios) != 3 or min(ratios) <= 0 or abs(sum(ratios) - 1) > 1e-6:
        raise ValueError(f"ratios={list(ratios)}: must be three positive shares of train, validation and test, sum 1")
    train, val, _ = map(float, ratios)
    # 0.8 + 0.1 is a little below 0.9 + 0.0 in binary: rounded, so that the default cuts at 0.9 itself.
    return train, round(train + val, 9)


def check_parts(counts: Sequence[int] | Int64[np.ndarray, "3"], split: str) -> None:
    """Raises where train, validation or test, whose sizes are given, has nothing in it."""
    for name, label in (("train", TRAIN), ("validation", VAL), ("test", TEST)):
        if not counts[label]:
            way_out = (
                "; split=x_label_draw_validation draws it from train" if (split, label) == ("x_label", VAL) else ""
            )
            raise ValueError(f"split={split!r}: the {name} part is empty ({sum(counts)} interactions in all){way_out}")


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
    place = _places(degree)
    val, test = (np.repeat(count, degree) for count in held_out_counts(degree))
    labels = np.empty(len(user), dtype=np.int64)
    labels[order] = np.select([place < test, place < test + val], [TEST, VAL], default=TRAIN)
    return labels


def _places(degree: Int64[np.ndarray, "users"]) -> Int64[np.ndarray, "n"]:
    """The place of each row among its user's, from 0, where rows stand user by user."""
    return np.arange(degree.sum()) - np.repeat(np.cumsum(degree) - degree, degree)


def _draw_validation(
    user: Int64[np.ndarray, "n"], x_label: Int64[np.ndarray, "n"], rng: np.random.Generator
) -> Int64[np.ndarray, "n"]:
    """Moves as many of each user's train rows to validation as :func:`held_out_counts` asks, but leaves one."""
    if (x_label == VAL).any():
        raise ValueError("split='x_label_draw_validation': the file has validation rows (x_label 1); use split=x_label")
    degree = np.bincount(user)
    count, _ = held_out_counts(degree)
    # Drawn train rows first, then test rows: a row's place among its user's decides what becomes of it.
    order = np.lexsort((rng.random(len(user)), x_label, user))
    train = np.bincount(user[x_label == TRAIN], minlength=len(count))
    drawn = _places(degree) < np.repeat(np.clip(count, 0, np.maximum(train - 1, 0)), degree)
    labels = x_label.copy()
    labels[order[drawn]] = VAL
    return labels


def _random(size: int, cuts: tuple[float, float], rng: np.random.Generator) -> Int64[np.ndarray, "n"]:
    """Cuts the rows in a drawn order."""
    val, test = (round(size * cut) for cut in cuts)
    labels = np.empty(size, dtype=np.int64)
    order = rng.permutation(size)
    labels[order[:val]], labels[order[val:test]], labels[order[test:]] = TRAIN, VAL, TEST
    return labels


def _global_time(timestamp: Float64[np.ndarray, "n"], cuts: tuple[float, float]) -> Int64[np.ndarray, "n"]:
    """Cuts at quantiles of time."""
    val_after, test_after = np.quantile(timestamp, cuts, method="inverted_cdf")
    return np.where(timestamp > test_after, TEST, np.where(timestamp > val_after, VAL, TRAIN))


def _required(values: np.ndarray | None, split: str, column: str) -> np.ndarray:
    if values is None:
        raise ValueError(
            f"split={split!r}: the file has no {column} column; set columns.{column} or use split='per_user_random'"
        )
    return values
