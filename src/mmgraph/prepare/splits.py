"""Splits by digests of the original ids: the same for any order of lines and any number of threads."""

import math

from mmgraph.prepare.engine import Engine, literal
from mmgraph.prepare.rules import BY_TIME, Rules

PARTS = ("train", "val", "test")
_HELD_OUT = "CASE WHEN degree < 3 THEN 0 WHEN degree < 10 THEN 2 ELSE degree // 5 END"
"""How many of a user's rows are held out by MMRec's rule, as in :func:`mmgraph.datasets.split.held_out_counts`."""
_TWO = "CASE WHEN degree < 3 THEN 0 ELSE 2 END"


def label_rows(engine: Engine, rules: Rules) -> str:
    """Sets the label of every row of ``pairs`` (0 train, 1 validation, 2 test); returns the split's name.

    Raises:
        ValueError: the split needs times or labels that are not there, or a part stays empty.
    """
    split = _decided(engine, rules.split)
    if split in BY_TIME and _count(engine, "micros IS NOT NULL") == 0:
        raise ValueError(f"split={split}: there are no times; set columns.timestamp or use split=per_user_random")
    if split != "x_label":
        _draw(engine, rules.split_seed)
        engine.run(f"CREATE TABLE labelled AS {_labels(engine, split, rules)}")
        engine.run("DROP VIEW drawn; DROP TABLE pairs; ALTER TABLE labelled RENAME TO pairs")
    _check_parts(engine, split)
    return split


def _count(engine: Engine, test: str) -> int:
    return int(engine.value(f"SELECT count(*) FROM pairs WHERE {test}"))


def _decided(engine: Engine, split: str) -> str:
    has_labels = _count(engine, "label IS NOT NULL") > 0
    if split == "auto" and not has_labels:
        return "per_user_random"
    if split in ("x_label", "x_label_draw_validation") and not has_labels:
        raise ValueError(f"split={split}: the interactions bring no split; set columns.x_label, or train= and test=")
    if split == "auto":
        return "x_label" if _count(engine, "label = 1") else "x_label_draw_validation"
    return split


def _digest(seed: int, *ids: str) -> str:
    return f"md5_number_upper(concat_ws('|', {literal(str(seed))}, {', '.join(ids)}))"


def _draw(engine: Engine, seed: int) -> None:
    """Makes ``drawn``: ``pairs`` with a number for each row that the seed and the original ids decide."""
    engine.run(f"""
        CREATE VIEW drawn AS
        SELECT pairs.*, {_digest(seed, "user_ids.id", "item_ids.id")} AS draw
        FROM pairs JOIN user_ids ON user_ids.code = u JOIN item_ids ON item_ids.code = i
    """)


def _labels(engine: Engine, split: str, rules: Rules) -> str:
    """The SQL of ``pairs`` with the labels of a split."""
    if split in ("cold_items", "cold_users"):
        return _cold("i" if split == "cold_items" else "u", rules)
    if split == "random":
        return _shared(engine, rules)
    if split == "global_time":
        return _by_time(engine, rules)
    if split == "x_label_draw_validation":
        return _with_validation()
    if split == "leave_one_out":
        return _per_user("place DESC, draw, i" if _count(engine, "micros IS NOT NULL") else "draw, i", _TWO)
    return _per_user("place DESC, draw, i" if split == "per_user_time" else "draw, i", _HELD_OUT)


def _per_user(order: str, held_out: str) -> str:
    """The first of each user's rows, in an order, to test, the next to validation, the rest to train."""
    return f"""
        WITH placed AS (
            SELECT *, row_number() OVER (PARTITION BY u ORDER BY {order}) AS nth,
                count(*) OVER (PARTITION BY u) AS degree
            FROM drawn
        ), counted AS (SELECT *, {held_out} AS held FROM placed)
        SELECT * EXCLUDE (draw, nth, degree, held)
        REPLACE (CASE WHEN nth <= held - held // 2 THEN 2 WHEN nth <= held THEN 1 ELSE 0 END AS label)
        FROM counted
    """


def _with_validation() -> str:
    """As many of each user's train rows as MMRec's rule asks become validation, but one stays."""
    return f"""
        WITH placed AS (
            SELECT *, row_number() OVER (PARTITION BY u ORDER BY label, draw, i) AS nth,
                count(*) OVER (PARTITION BY u) AS degree, count(*) FILTER (label = 0) OVER (PARTITION BY u) AS learnt
            FROM drawn
        )
        SELECT * EXCLUDE (draw, nth, degree, learnt)
        REPLACE (CASE WHEN nth <= least(({_HELD_OUT}) // 2, learnt - 1) THEN 1 ELSE label END AS label)
        FROM placed
    """


def _shared(engine: Engine, rules: Rules) -> str:
    """The first rows in the order of the draws to train, the next to validation, the last to test."""
    size = _count(engine, "true")
    val, test = (round(size * cut) for cut in rules.cuts)
    # The number of a row is its place in the order; a window over all rows would have to hold them.
    engine.run("CREATE TABLE ordered AS SELECT * FROM drawn ORDER BY draw, u, i")
    return f"""
        SELECT * EXCLUDE (draw)
        REPLACE (CASE WHEN rowid < {val} THEN 0 WHEN rowid < {test} THEN 1 ELSE 2 END AS label)
        FROM ordered
    """


def _by_time(engine: Engine, rules: Rules) -> str:
    """Cuts at quantiles of time; equal times stay together."""
    size = _count(engine, "true")
    places = [max(0, math.ceil(size * cut) - 1) for cut in rules.cuts]
    val, test = (engine.value(f"SELECT micros FROM pairs ORDER BY micros LIMIT 1 OFFSET {place}") for place in places)
    return f"""
        SELECT * REPLACE (CASE WHEN micros > {test} THEN 2 WHEN micros > {val} THEN 1 ELSE 0 END AS label)
        FROM pairs
    """


def _cold(side: str, rules: Rules) -> str:
    """All rows of an item (a user) in one part, drawn by its id."""
    ids = "item_ids" if side == "i" else "user_ids"
    val, test = rules.cuts
    return f"""
        WITH placed AS (
            SELECT code, row_number() OVER (ORDER BY {_digest(rules.split_seed, "id")}, code) AS nth,
                count(*) OVER () AS size
            FROM {ids} WHERE code IN (SELECT {side} FROM pairs)
        )
        SELECT pairs.* REPLACE (
            CASE WHEN nth <= round(size * {val!r}) THEN 0 WHEN nth <= round(size * {test!r}) THEN 1 ELSE 2 END AS label
        )
        FROM pairs JOIN placed ON code = {side}
    """


def _check_parts(engine: Engine, split: str) -> None:
    counts = dict(engine.rows("SELECT label, count(*) FROM pairs GROUP BY label"))
    for label, part in enumerate(PARTS):
        if not counts.get(label):
            way_out = "; split=x_label_draw_validation draws it from train" if (split, label) == ("x_label", 1) else ""
            raise ValueError(f"split={split}: the {part} part is empty ({sum(counts.values())} interactions){way_out}")
