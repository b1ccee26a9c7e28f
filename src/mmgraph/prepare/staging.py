"""All interactions in one table, as they were read, with a mark on each row that breaks a rule."""

from collections.abc import Mapping, Sequence

from mmgraph.prepare.engine import Engine, literal
from mmgraph.prepare.sources.source import Source
from mmgraph.prepare.times import Clock, clock_of

RULES = {1: "user is empty", 2: "item is empty", 4: "rating is no finite number", 8: "timestamp is no time"}
"""What a bit of a row's mark says."""


def create(engine: Engine) -> None:
    """Makes the empty table ``raw``."""
    engine.run(
        "CREATE TABLE raw (source USMALLINT, user_id VARCHAR, item_id VARCHAR, rating DOUBLE, number DOUBLE, "
        "micros BIGINT, zoned BOOLEAN, label UTINYINT, mark UTINYINT)"
    )


def add(engine: Engine, source: Source, roles: Mapping[str, str], *, place: int) -> None:
    """Reads a source into ``raw``.

    Args:
        engine: holds the table.
        source: what is read.
        roles: its columns by meaning.
        place: number of the source.
    """
    clock = clock_of(engine, source, roles.get("timestamp"))
    engine.run(f"INSERT INTO raw SELECT {place}, {', '.join(_values(source, roles, clock))} FROM {source.relation}")


def _values(source: Source, roles: Mapping[str, str], clock: Clock) -> Sequence[str]:
    """The SQL of the columns of ``raw`` behind the first."""
    user, item = (source.columns[roles[meaning]] for meaning in ("user", "item"))
    rating = source.columns[roles["rating"]] if "rating" in roles else None
    label = "NULL" if source.label is None else str(source.label)
    if "x_label" in roles:
        label = f"TRY_CAST({source.columns[roles['x_label']]} AS UTINYINT)"
    number = "NULL" if rating is None else f"TRY_CAST({rating} AS DOUBLE)"
    return [user, item, number, clock.number, clock.micros, clock.zoned, label, mark_of(source, roles, clock)]


def mark_of(source: Source, roles: Mapping[str, str], clock: Clock) -> str:
    """The SQL of a row's mark: the sum of the rules that it breaks."""
    tests = {1: _is_empty(source.columns[roles["user"]]), 2: _is_empty(source.columns[roles["item"]])}
    if "rating" in roles:
        rating = source.columns[roles["rating"]]
        tests[4] = f"{rating} <> '' AND NOT coalesce(isfinite(TRY_CAST({rating} AS DOUBLE)), false)"
    if clock.broken is not None:
        tests[8] = clock.broken
    return " + ".join(f"CASE WHEN {test} THEN {bit} ELSE 0 END" for bit, test in tests.items())


def _is_empty(text: str) -> str:
    return f"coalesce(trim({text}), {literal('')}) = {literal('')}"
