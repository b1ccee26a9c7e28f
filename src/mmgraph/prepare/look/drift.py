"""What changes in time: how much happens, who and what is new, and whether the same items are asked for."""

from datetime import datetime, timezone
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64, Int64

from mmgraph.datasets import MMRecFolder
from mmgraph.datasets.inter_file import read_interactions
from mmgraph.prepare.times import unit_of
from mmgraph.reading import read_layout
from mmgraph.typing import INTERACTS, PARTS

_PERIODS = 12
_FIRST_DATE = 10**8  # earlier than 1973: an order of events rather than times


class Period(NamedTuple):
    """A twelfth of the time that a data set covers.

    Attributes:
        start: date, or the number in the file where times are no dates.
        parts: interactions of train, validation and test.
        new_users: users that were not there before.
        new_items: items that were not there before.
        same: share of its most taken items (a tenth of those taken, a hundred at most) that were such in the period
            before; None where there is nothing to compare.
    """

    start: str
    parts: tuple[int, int, int]
    new_users: int
    new_items: int
    same: float | None


class Drift(NamedTuple):
    """A data set in time.

    Attributes:
        first: earliest time.
        last: latest time.
        periods: twelve of the same length.
        late_train: share of the train interactions that are later than the earliest one of test.
        ordered: share of the users with test interactions of whom none of train is later.
    """

    first: str
    last: str
    periods: list[Period]
    late_train: float
    ordered: float


def drift_of(dataset: MMRecFolder) -> Drift | None:
    """What changes in time; None where the interactions have no times, or all the same."""
    found = _timed(dataset)
    if found is None:
        return None
    user, item, time, label = found
    edges = np.linspace(time.min(), time.max(), _PERIODS + 1)
    place = np.clip(np.searchsorted(edges, time, side="right") - 1, 0, _PERIODS - 1)
    new_user, new_item = (_first_places(ids, place) for ids in (user, item))
    periods: list[Period] = []
    before: set[int] = set()
    for period in range(_PERIODS):
        now = place == period
        top = _most_taken(item[now])
        same = len(top & before) / len(top) if top and before else None
        train, val, test = (int((label[now] == part).sum()) for part in range(3))
        start = _as_date(edges[period], time.max())
        periods.append(Period(start, (train, val, test), int(new_user[period]), int(new_item[period]), same))
        before = top
    first, last = (_as_date(edge, time.max()) for edge in (edges[0], edges[-1]))
    return Drift(first, last, periods, *_order(user, time, label))


def _timed(
    dataset: MMRecFolder,
) -> tuple[Int64[np.ndarray, "n"], Int64[np.ndarray, "n"], Float64[np.ndarray, "n"], Int64[np.ndarray, "n"]] | None:
    """User, item, seconds since 1970 and part of each interaction of the data set."""
    options = dataset.options
    path = dataset.folder / f"{options['name']}.inter"
    if options["columns"]["timestamp"] not in read_layout(path, separator=options["separator"]).header:
        return None
    reading = {"separator": options["separator"], "columns": options["columns"], "contiguous": ()}
    table = read_interactions(path, optional=["timestamp"], **reading)
    assert table.timestamp is not None
    key = table.user * table.num_items + table.item  # ascends, as the table is sorted
    label = np.full(len(key), -1)
    for part, (user, item) in enumerate(_raw_pairs(dataset)):
        label[np.searchsorted(key, user * table.num_items + item)] = part
    kept = label >= 0
    if np.ptp(table.timestamp[kept]) == 0:
        return None
    seconds = table.timestamp[kept] * unit_of(float(np.abs(table.timestamp).max()))[1] / 1e6
    return table.user[kept], table.item[kept], seconds, label[kept]


def _raw_pairs(dataset: MMRecFolder) -> list[tuple[np.ndarray, np.ndarray]]:
    """The pairs of the parts with the numbers of the file."""
    data = dataset[0]
    raw = [data[side].get("raw_id") for side in ("user", "item")]
    parts = [data[INTERACTS][key] for key in PARTS.values()]
    return [
        tuple((ids if names is None else names[ids]).numpy() for ids, names in zip(pairs, raw, strict=True))  # type: ignore[misc]
        for pairs in parts
    ]


def _first_places(ids: Int64[np.ndarray, "n"], place: Int64[np.ndarray, "n"]) -> Int64[np.ndarray, "periods"]:
    first = np.full(int(ids.max()) + 1, _PERIODS)
    np.minimum.at(first, ids, place)
    return np.bincount(first, minlength=_PERIODS)


def _most_taken(items: Int64[np.ndarray, "n"]) -> set[int]:
    taken, count = np.unique(items, return_counts=True)
    size = min(100, max(1, len(taken) // 10))
    return set(taken[np.lexsort((taken, -count))][:size].tolist())


def _order(
    user: Int64[np.ndarray, "n"], time: Float64[np.ndarray, "n"], label: Int64[np.ndarray, "n"]
) -> tuple[float, float]:
    train, test = label == 0, label == 2
    last_train = np.full(int(user.max()) + 1, -np.inf)
    np.maximum.at(last_train, user[train], time[train])
    first_test = np.full(len(last_train), np.inf)
    np.minimum.at(first_test, user[test], time[test])
    tested = np.isfinite(first_test)
    late = float((time[train] > time[test].min()).mean())
    return late, float((last_train[tested] <= first_test[tested]).mean())


def _as_date(seconds: float, latest: float) -> str:
    if latest < _FIRST_DATE:
        return f"{seconds:g}"
    return datetime.fromtimestamp(seconds, tz=timezone.utc).date().isoformat()
