"""Ids become numbers before anything else is done: texts take most of the memory of a sort or a join."""

from mmgraph.prepare.engine import Engine

# Whole numbers by value, then texts: 0..n-1 stay what they are. Equal to the byte on every machine, unlike a collation.
_ORDER = "CASE WHEN regexp_full_match(id, '[0-9]+') THEN length(id) ELSE 2147483647 END, id"


def number_ids(engine: Engine) -> None:
    """Makes ``user_ids`` and ``item_ids`` (code, id) of the sound rows of ``raw``, in the order of the ids."""
    for side in ("user", "item"):
        engine.run(f"""
            CREATE TABLE {side}_ids AS
            SELECT CAST(row_number() OVER (ORDER BY {_ORDER}) - 1 AS INTEGER) AS code, id
            FROM (SELECT DISTINCT {side}_id AS id FROM raw)
        """)


def number_pairs(engine: Engine, *, micros: str) -> None:
    """Replaces ``raw`` by ``pairs``: codes of user and item, rating, time, part, and what orders repetitions.

    Args:
        engine: holds the tables.
        micros: the SQL of a row's time in microseconds since 1970.
    """
    engine.run(f"""
        CREATE TABLE pairs AS
        SELECT user_ids.code AS u, item_ids.code AS i, rating, {micros} AS micros, label,
            coalesce({micros}, raw.rowid) AS place, coalesce(weight, 1) AS weight
        FROM raw JOIN user_ids ON user_ids.id = user_id JOIN item_ids ON item_ids.id = item_id
    """)
    engine.run("DROP TABLE raw")


def number_kept(engine: Engine, *, all_items: bool) -> None:
    """Makes ``users`` and ``items`` (code, number from 0, id) of those that ``pairs`` still names.

    Args:
        engine: holds the tables.
        all_items: number the items behind them that only the table of items knows.
    """
    for side, code in (("user", "u"), ("item", "i")):
        engine.run(f"""
            CREATE TABLE {side}s AS
            SELECT code, CAST(row_number() OVER (ORDER BY code) - 1 AS INTEGER) AS number, id
            FROM {side}_ids WHERE code IN (SELECT {code} FROM pairs)
        """)
    if all_items:
        engine.run(f"""
            INSERT INTO items
            SELECT NULL, CAST((SELECT count(*) FROM items) + row_number() OVER (ORDER BY {_ORDER}) - 1 AS INTEGER), id
            FROM item_rows WHERE id NOT IN (SELECT id FROM item_ids)
        """)
