"""From a file of interactions to sorted files of who chose what, and of who was chosen by whom."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64, Shaped

from mmgraph.datasets.interactions import TEST, TRAIN, VAL, Interactions
from mmgraph.datasets.mapped.growing import GrowingArray
from mmgraph.datasets.mapped.lots import LOT_ROWS, Lots
from mmgraph.datasets.mapped.source import Source, row_dtype
from mmgraph.datasets.split import BY_USER, check_parts, chosen_split, label_rows

HELD_OUT = {"val": VAL, "test": TEST}
_BLOCK = 2**20


class Sizes(NamedTuple):
    """How users and items of a file are numbered.

    Attributes:
        num_users: how many there are.
        num_items: how many there are, those that only features know included.
        first_user: the id of user 0.
        first_item: the id of item 0.
    """

    num_users: int
    num_items: int
    first_user: int
    first_item: int


def check_split(split: str) -> None:
    """Refuses splits that no user can be told alone.

    Raises:
        ValueError: names what to do.
    """
    if split not in BY_USER:
        raise ValueError(
            f"interactions=mapped goes through the users one by one, and split={split!r} looks at all interactions at "
            f"once: take one of {list(BY_USER)}, or let mmgraph-prepare split them, which writes the outcome as x_label"
        )


def build(
    folder: Path,
    source: Source,
    sizes: Sizes,
    degree: Int64[np.ndarray, " users"],
    *,
    split: str,
    seed: int = 0,
    lot_rows: int = LOT_ROWS,
) -> None:
    """Writes ``user_pointer.npy`` and ``user_item.npy`` (train, by users), the same by items, and the held-out pairs.

    The file is read once more and laid down in lots of users, each of which is sorted and split; the train
    interactions go from there into lots of items. Memory: some lots, and 8 bytes for each user and item a few times.

    Args:
        folder: an empty one.
        source: the file.
        sizes: how its users and items are numbered.
        degree: interactions of each user, all parts together.
        split: one of :data:`~mmgraph.datasets.split.BY_USER`; labels are those of
            :func:`~mmgraph.datasets.split.split_labels`.
        seed: of the split.
        lot_rows: interactions that are sorted at once.

    Raises:
        ValueError: a pair occurs twice, a part is empty, or the split needs a column that the file lacks.
    """
    lots = _users_lots(folder, source, sizes, degree, lot_rows)
    counts = _write_by_user(folder, source, sizes, lots, split, seed)
    _write_by_item(folder, counts, lot_rows)


def _users_lots(folder: Path, source: Source, sizes: Sizes, degree: np.ndarray, lot_rows: int) -> Lots:
    lots: Lots | None = None
    for _, values in source.blocks():
        if lots is None:
            lots = Lots(folder, degree, row_dtype(values), lot_rows)
        rows = np.empty(len(values["user"]), dtype=lots.dtype)
        for column in rows.dtype.names or ():
            rows[column] = values[column]
        rows["user"] -= sizes.first_user
        rows["item"] -= sizes.first_item
        lots.add(rows["user"], rows)
    assert lots is not None
    return lots


class _Train(NamedTuple):
    """Train interactions of each user and item."""

    user: Int64[np.ndarray, " users"]
    item: Int64[np.ndarray, " items"]


def _write_by_user(folder: Path, source: Source, sizes: Sizes, lots: Lots, split: str, seed: int) -> _Train:
    rng = np.random.default_rng(seed)
    train = _Train(np.zeros(sizes.num_users, dtype=np.int64), np.zeros(sizes.num_items, dtype=np.int64))
    held: dict[str, list[np.ndarray]] = {name: [] for name in HELD_OUT}
    with GrowingArray(folder / "user_item.npy", np.int32) as items:
        for rows in lots:
            rows = _sorted(rows, source, sizes)
            labels = _labels(rows, sizes, split, rng)
            user, item = (rows[side][labels == TRAIN] for side in ("user", "item"))
            items.append(item)
            for side, found in (("user", user), ("item", item)):
                _count(getattr(train, side), found)
            for name, label in HELD_OUT.items():
                held[name].append(np.stack([rows["user"], rows["item"]])[:, labels == label])
    parts = [int(train.user.sum()), *(sum(pairs.shape[1] for pairs in held[name]) for name in HELD_OUT)]
    check_parts(parts, chosen_split(split, has_labels="x_label" in (lots.dtype.names or ())))
    for name, pairs in held.items():
        np.save(folder / f"{name}.npy", np.concatenate(pairs, axis=1))
    np.save(folder / "user_pointer.npy", _pointer(train.user))
    return train


def _sorted(rows: np.ndarray, source: Source, sizes: Sizes) -> np.ndarray:
    key = rows["user"].astype(np.int64) * sizes.num_items + rows["item"]
    order = np.argsort(key, kind="stable")
    key = key[order]
    same = np.flatnonzero(key[1:] == key[:-1])
    if len(same):
        user, item = divmod(int(key[same[0]]), sizes.num_items)
        source.raise_repeated(user + sizes.first_user, item + sizes.first_item, len(same))
    return rows[order]


def _labels(rows: np.ndarray, sizes: Sizes, split: str, rng: np.random.Generator) -> Shaped[np.ndarray, " n"]:
    if not len(rows):
        return np.zeros(0, dtype=np.int64)
    columns = {
        "user": rows["user"].astype(np.int64) - int(rows["user"][0]),
        "item": rows["item"].astype(np.int64),
    }
    if "x_label" in (rows.dtype.names or ()):
        columns["x_label"] = rows["x_label"].astype(np.int64)
    if "timestamp" in (rows.dtype.names or ()):
        columns["timestamp"] = np.ascontiguousarray(rows["timestamp"])
    table = Interactions(num_users=sizes.num_users, num_items=sizes.num_items, **columns)
    return label_rows(table, split=split, rng=rng)


def _count(total: np.ndarray, ids: np.ndarray) -> None:
    if len(ids):
        first = int(ids.min())
        found = np.bincount(ids - first)
        total[first : first + len(found)] += found


def _pointer(degree: Int64[np.ndarray, " n"]) -> Int64[np.ndarray, " n_1"]:
    return np.concatenate([np.zeros(1, dtype=np.int64), degree.cumsum()])


def _write_by_item(folder: Path, train: _Train, lot_rows: int) -> None:
    row = np.dtype([("item", "<i4"), ("user", "<i4")])
    lots = Lots(folder, train.item, row, lot_rows)
    for user, item in _pairs(folder):
        rows = np.empty(len(user), dtype=row)
        rows["user"] = user
        rows["item"] = item
        lots.add(item, rows)
    with GrowingArray(folder / "item_user.npy", np.int32) as users:
        for rows in lots:
            users.append(rows["user"][np.argsort(rows["item"], kind="stable")])  # users ascend as they came
    np.save(folder / "item_pointer.npy", _pointer(train.item))


def _pairs(folder: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The train interactions by user, some at a time."""
    pointer = np.load(folder / "user_pointer.npy")
    with (folder / "user_item.npy").open("rb") as file:
        np.lib.format.read_magic(file)
        np.lib.format.read_array_header_1_0(file)
        for first in range(0, int(pointer[-1]), _BLOCK):
            item = np.fromfile(file, dtype=np.int32, count=_BLOCK)
            edge = np.arange(first, first + len(item))
            yield np.searchsorted(pointer, edge, side="right") - 1, item
