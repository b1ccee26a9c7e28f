"""Ids that look like the same thing written in two ways: named, never guessed."""

from collections.abc import Sequence

from mmgraph.prepare.engine import Engine

# White space around it, zeros in front of a number, or the .0 that a number gets as a float.
_PLAIN = "regexp_replace(regexp_replace(trim(id), '^0+([0-9])', '\\1'), '^([0-9]+)\\.0+$', '\\1')"


def similar_ids(engine: Engine) -> list[str]:
    """What to report of users, and of items, whose ids differ in white space or type only."""
    note = []
    for side in ("user", "item"):
        alike = f"SELECT list(id ORDER BY id) AS ids FROM {side}_ids GROUP BY {_PLAIN} HAVING count(*) > 1"
        count, example = engine.rows(f"SELECT count(*), min(ids) FROM ({alike})")[0]
        if count:
            note.append(
                f"{count:,} {side}s are written in several ways, as {example[0]!r} and {example[1]!r}: each counts as "
                "one of its own; write them alike if they are the same"
            )
    return note


def lonely_items(engine: Engine) -> list[str]:
    """What to report of rows of the table of items that nobody has chosen and that are left out therefore."""
    rows, lonely, example = engine.rows("""
        SELECT (SELECT count(*) FROM item_rows), count(*), min(id)
        FROM item_rows WHERE id NOT IN (SELECT id FROM item_ids)
    """)[0]
    if not lonely:
        return []
    return [
        f"{lonely:,} of {rows:,} rows of the table of items are of items without an interaction, as {example!r}, and "
        "left out; all_items=true keeps them"
    ]


def check_items(engine: Engine, tables: Sequence[str]) -> list[str]:
    """What to report of items of the interactions that have no row in the table of items.

    Args:
        engine: holds ``item_ids`` and ``item_rows``.
        tables: names of the tables, for messages.

    Raises:
        ValueError: none of them has.
    """
    engine.run("CREATE TABLE unknown AS SELECT id FROM item_ids WHERE id NOT IN (SELECT id FROM item_rows)")
    items, unknown, example = engine.rows("""
        SELECT (SELECT count(*) FROM item_ids), count(*), min(id) FROM unknown
    """)[0]
    place = ", ".join(tables)
    pairs = engine.rows(f"""
        SELECT unknown.id, item_rows.id, count(*) OVER ()
        FROM (SELECT id, {_PLAIN} AS plain FROM unknown) AS unknown
        JOIN (SELECT id, {_PLAIN} AS plain FROM item_rows) AS item_rows USING (plain) ORDER BY ALL LIMIT 1
    """)
    engine.run("DROP TABLE unknown")
    hints = [
        f"; {count:,} would have one if {ours!r} and {theirs!r} were the same, which is not guessed"
        for ours, theirs, count in pairs
    ]
    hint = "".join(hints)
    if unknown == items:
        row = engine.value("SELECT min(id) FROM item_rows")
        raise ValueError(
            f"{place}: none of its ids (as {row!r}) is an item of the interactions (as {example!r}){hint}; set "
            "item_columns.item, or write both alike"
        )
    return [f"{unknown:,} of {items:,} items have no row in {place}, as {example!r}{hint}"] if unknown else []
