"""Times as files have them: ISO 8601, or numbers of seconds, milliseconds, microseconds or nanoseconds since 1970."""

from typing import NamedTuple

from mmgraph.prepare.engine import Engine
from mmgraph.prepare.sources.source import Source

_UNITS = {"seconds": (1e11, 1e6), "milliseconds": (1e14, 1e3), "microseconds": (1e17, 1.0), "nanoseconds": (1e20, 1e-3)}
"""By name: numbers below this are taken for it (seconds until the year 5138), and how many microseconds it has."""


class Clock(NamedTuple):
    """The SQL that reads a column of times.

    Attributes:
        number: the number in the file, NULL where times are dates.
        micros: microseconds since 1970 of a date.
        zoned: whether a date names its offset from UTC.
        broken: the test of what is no time; None where all are.
        rule: what is said of it.
    """

    number: str = "NULL"
    micros: str = "NULL"
    zoned: str = "NULL"
    broken: str | None = None
    rule: str = ""


def clock_of(engine: Engine, source: Source, column: str | None) -> Clock:
    """How the times of a source are read: as its first one, which is a number or a date."""
    if column is None:
        return Clock()
    if column in source.moments:
        moment = source.moments[column]
        rule = "the timestamp is missing"
        return Clock(micros=moment.micros, zoned=str(moment.zoned), broken=f"{moment.micros} IS NULL", rule=rule)
    text = source.columns[column]
    number = f"TRY_CAST({text} AS DOUBLE)"
    first = engine.rows(f"SELECT isfinite({number}) FROM {source.relation} WHERE {text} <> '' LIMIT 1")
    if first and first[0][0]:
        rule = "the timestamp is no number, as the first one is"
        return Clock(number=number, broken=f"NOT coalesce(isfinite({number}), false)", rule=rule)
    date = f"TRY_CAST({text} AS TIMESTAMPTZ)"
    # An offset stands behind the time of day; the signs between year, month and day come before.
    zoned = f"contains(substr({text}, 12), '+') OR contains(substr({text}, 12), '-') OR {text}[-1] IN ('Z', 'z')"
    rule = "the timestamp is neither ISO 8601 (2024-01-31T12:00:00+01:00) nor a number of seconds or milliseconds"
    return Clock(micros=f"epoch_us({date})", zoned=zoned, broken=f"NOT coalesce(isfinite({date}), false)", rule=rule)


def unit_of(size: float) -> tuple[str, float]:
    """The unit of times by the largest of them, and how many microseconds it has.

    >>> unit_of(1.7e9), unit_of(1.7e12)
    (('seconds', 1000000.0), ('milliseconds', 1000.0))
    """
    return next(((name, micros) for name, (limit, micros) in _UNITS.items() if size < limit), ("nanoseconds", 1e-3))


def micros_of(engine: Engine) -> tuple[str, str | None]:
    """The SQL of a row's time in microseconds since 1970, and what to report of how it was read; None without times.

    Raises:
        ValueError: some dates name their offset from UTC and others do not: which came first is unknown.
    """
    size, dates, zoned, numbers = engine.rows(
        "SELECT max(abs(number)), count(micros), count(*) FILTER (zoned), count(number) FROM raw"
    )[0]
    if 0 < zoned < dates:
        raise ValueError(
            f"timestamp: {zoned} dates name their offset from UTC and {dates - zoned} do not, so it is unknown which "
            "came first; write all of them with an offset (2024-01-31T12:00:00+01:00), or all without"
        )
    if not numbers:
        note = "dates with offsets, in UTC from here on" if zoned else "dates without an offset, read as UTC"
        return "micros", note if dates else None
    unit, factor = unit_of(size)
    number = f"CAST(round(number * {factor!r}) AS BIGINT)"
    return (f"coalesce(micros, {number})" if dates else number), f"numbers, read as {unit} since 1970"
