"""All interactions in one table, as they were read, with a mark on each row that breaks a rule."""

from collections.abc import Mapping

from mmgraph.prepare.bad_rows import BadRows, id_rules, read_rows
from mmgraph.prepare.engine import Engine
from mmgraph.prepare.sources.source import Source
from mmgraph.prepare.times import Clock, clock_of


def create(engine: Engine) -> None:
    """Makes the empty table ``raw``."""
    engine.run("""
        CREATE TABLE raw (
            user_id VARCHAR, item_id VARCHAR, rating DOUBLE, weight DOUBLE, number DOUBLE, micros BIGINT,
            zoned BOOLEAN, label UTINYINT, mark USMALLINT
        )
    """)


def add(engine: Engine, source: Source, roles: Mapping[str, str], bad: BadRows) -> None:
    """Reads the sound rows of a source into ``raw``.

    Args:
        engine: holds the table.
        source: what is read.
        roles: its columns by meaning.
        bad: is handed the others.

    Raises:
        ValueError: there are others, and no file to set them aside.
    """
    clock = clock_of(engine, source, roles.get("timestamp"))
    text = {meaning: source.columns[column] for meaning, column in roles.items()}
    label = "NULL" if source.label is None else str(source.label)
    numbers = [f"TRY_CAST({text.get(meaning, 'NULL')} AS DOUBLE)" for meaning in ("rating", "weight")]
    values = [
        text["user"], text["item"], *numbers, clock.number, clock.micros, clock.zoned,
        f"TRY_CAST({text['x_label']} AS UTINYINT)" if "x_label" in text else label,
    ]  # fmt: skip
    read_rows(engine, source, broken_rules(source, roles, clock), bad, into="raw", values=values)


def broken_rules(source: Source, roles: Mapping[str, str], clock: Clock) -> dict[str, str]:
    """What a row must not be: SQL by what is said of such a row.

    Args:
        source: what is read.
        roles: its columns by meaning.
        clock: how times are read.
    """
    text = {meaning: source.columns[column] for meaning, column in roles.items()}
    rules = dict(source.broken)
    for side in ("user", "item"):
        rules |= id_rules(source, roles[side], side)
    if "rating" in text:
        number = f"TRY_CAST({text['rating']} AS DOUBLE)"
        rules["the rating is no number"] = f"{text['rating']} <> '' AND NOT coalesce(isfinite({number}), false)"
    if "weight" in text:
        number = f"TRY_CAST({text['weight']} AS DOUBLE)"
        rules["the weight is no number above 0"] = f"NOT coalesce({number} > 0 AND {number} < 1e15, false)"
    if clock.broken is not None:
        rules[clock.rule] = clock.broken
    if "x_label" in text:
        rules["x_label is not 0, 1 or 2"] = f"coalesce(trim({text['x_label']}), '') NOT IN ('0', '1', '2')"
    return rules
