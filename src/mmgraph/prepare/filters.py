"""What is left out: outside the dates, repeated, rated too low, of users and items with too little."""

import numpy as np

from mmgraph.prepare.engine import Engine
from mmgraph.prepare.rules import Rules


def keep_rows(engine: Engine, test: str) -> None:
    """Keeps the rows of ``pairs`` that meet a test."""
    engine.run(f"CREATE TABLE kept AS SELECT * FROM pairs WHERE {test}")
    engine.run("DROP TABLE pairs; ALTER TABLE kept RENAME TO pairs")


def keep_between(engine: Engine, rules: Rules) -> None:
    """Keeps what is between ``since`` (included) and ``until`` (not included).

    Raises:
        ValueError: there are no times.
    """
    if engine.value("SELECT count(micros) FROM pairs") == 0:
        raise ValueError("since and until: there are no times; set columns.timestamp or drop them")
    assert rules.window is not None
    keep_rows(engine, rules.window)


def keep_rated(engine: Engine, min_rating: float) -> None:
    """Keeps ratings of at least ``min_rating``; a row without one goes.

    Raises:
        ValueError: there is no rating.
    """
    if engine.value("SELECT count(rating) FROM pairs") == 0:
        raise ValueError(f"min_rating={min_rating}: there are no ratings; set columns.rating or drop min_rating")
    keep_rows(engine, f"rating >= {min_rating!r}")


def merge_repeats(engine: Engine, repeats: str) -> list[str]:
    """Leaves a row a pair in ``pairs``; returns what to report.

    Args:
        engine: holds the table.
        repeats: ``first`` and ``last`` keep the earliest or latest row (by time, without times by place in the input),
            ``count`` the earliest with the number of rows (the sum of their weights) as its weight, ``drop`` none.
            What is in train stays there: a model must not be tested on what it has learnt.
    """
    # Decimals add up to the same in any order.
    engine.run("""
        CREATE TABLE repeated AS
        SELECT u, i, CAST(sum(CAST(weight AS DECIMAL(38, 12))) AS DOUBLE) AS total, min(label) < max(label) AS in_parts
        FROM pairs GROUP BY u, i HAVING count(*) > 1
    """)
    count, in_parts = engine.rows("SELECT count(*), count(*) FILTER (in_parts) FROM repeated")[0]
    if count:
        # Only what is repeated is sorted: mostly little.
        descending = "DESC" if repeats == "last" else ""
        order = f"label, place {descending}, rating {descending}"
        weight = "total" if repeats == "count" else "weight"
        chosen = f"""
            SELECT pairs.* REPLACE ({weight} AS weight) FROM pairs JOIN repeated USING (u, i)
            QUALIFY row_number() OVER (PARTITION BY u, i ORDER BY {order}) = 1
        """
        more = "" if repeats == "drop" else f" UNION ALL {chosen}"
        engine.run(f"CREATE TABLE kept AS SELECT * FROM pairs ANTI JOIN repeated USING (u, i){more}")
        engine.run("DROP TABLE pairs; ALTER TABLE kept RENAME TO pairs")
    engine.run("DROP TABLE repeated")
    note = [f"{count:,} pairs occur more than once"] if count else []
    return note + (
        [f"{in_parts:,} pairs are in several parts of the split: each stays in the first"] if in_parts else []
    )


def keep_core(engine: Engine, rules: Rules) -> None:
    """Drops users and items with too few rows until none is left."""
    least = {"u": rules.least_user, "i": rules.least_item}
    sizes = {"u": engine.value("SELECT count(*) FROM user_ids"), "i": engine.value("SELECT count(*) FROM item_ids")}
    degree = {side: _degrees(engine, side, "", size) for side, size in sizes.items()}
    alive = {side: degree[side] > 0 for side in least}
    before = sum(map(np.count_nonzero, alive.values()))
    while dropped := {side: codes for side in least if len(codes := _too_few(degree[side], alive[side], least[side]))}:
        for side, codes in dropped.items():
            alive[side][codes] = False
        for side, codes in dropped.items():
            other = "i" if side == "u" else "u"
            degree[other] -= _rows_of(engine, side, codes, len(degree[other]))
    if sum(map(np.count_nonzero, alive.values())) < before:
        _take(engine, alive)


def _too_few(degree: np.ndarray, alive: np.ndarray, least: int) -> np.ndarray:
    return np.flatnonzero(alive & (degree < least)).astype(np.int32)


def _rows_of(engine: Engine, side: str, codes: np.ndarray, size: int) -> np.ndarray:
    """How many rows each node of the other side loses with some of this side; wrong for those that are gone before."""
    engine.register("dropped", {"code": codes})
    return _degrees(engine, "i" if side == "u" else "u", f"WHERE {side} IN (SELECT code FROM dropped)", size)


def _take(engine: Engine, alive: dict[str, np.ndarray]) -> None:
    for side in alive:
        engine.register(f"alive_{side}", {"code": np.flatnonzero(alive[side]).astype(np.int32)})
    keep_rows(engine, "u IN (SELECT code FROM alive_u) AND i IN (SELECT code FROM alive_i)")


def _degrees(engine: Engine, side: str, where: str, size: int) -> np.ndarray:
    found = engine.arrays(f"SELECT {side} AS code, count(*) AS rows FROM pairs {where} GROUP BY {side}")
    degree = np.zeros(size, dtype=np.int64)
    degree[found["code"]] = found["rows"]
    return degree
