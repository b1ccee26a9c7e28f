"""How a figure is found among the rows that a benchmark wrote; ValueError says what is missing there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Rows = Sequence[Mapping[str, Any]]


def cells(rows: Rows, column: str, /, **where: Any) -> list[float]:
    """The numbers of a column, in the rows that have these values in these columns.

    Raises:
        ValueError: if no row has them, or a number is missing.
    """
    chosen = [row for row in rows if all(row.get(key) == value for key, value in where.items())]
    named = " and ".join(f"{key} {value!r}" for key, value in where.items()) or "any value"
    if not chosen:
        raise ValueError(f"there must be a row with {named}")
    values: list[Any] = [row.get(column) for row in chosen]
    if not all(isinstance(value, int | float) for value in values):
        raise ValueError(f"column {column!r} must hold a number in every row with {named}, found {values}")
    return values


def cell(column: str, /, *, times: float = 1.0, **where: Any) -> Callable[[Rows], float]:
    """A number of one row, the largest of several."""
    return lambda rows: times * max(cells(rows, column, **where))


def smallest(column: str, /, **where: Any) -> Callable[[Rows], float]:
    return lambda rows: min(cells(rows, column, **where))


def percent_sampling(rows: Rows) -> float:
    """Of a step on Baby, in the model where it is the most."""
    sampling, step = (cells(rows, "ms", part=part, dataset="baby") for part in ("sampling", "step"))
    return _largest_percent(sampling, step)


def percent_drawing(rows: Rows) -> float:
    """Of a step with sampled neighbours, in the graph where it is the most."""
    drawing, step = (cells(rows, column, loader="neighbor") for column in ("ms/draw", "ms/step"))
    return _largest_percent(drawing, step)


def _largest_percent(parts: Sequence[float], wholes: Sequence[float]) -> float:
    return max(100 * part / whole for part, whole in zip(parts, wholes, strict=True))


def faster_than_exact(**where: Any) -> Callable[[Rows], float]:
    return lambda rows: cell("s", search="exact", **where)(rows) / cell("s", search="approximate", **where)(rows)


def highest_rate(rows: Rows) -> float:
    """At which 99 of 100 lists took 50 ms or less, and none failed; rates rise from row to row."""
    borne = [row for row in rows if row["p99 ms"] <= 50 and not row["failed"]]
    return max(cells(borne, "requests/s", endpoint="/recommend", workers=1, **{"times Baby": 1.0}))


def shortfall(rows: Rows) -> float:
    """Of sampled anchors, where it is the most."""
    return max(cells([row for row in rows if row.get("anchors") != "all"], "standard errors below all"))


def growth(column: str, loader: str, first: float = 1.0) -> Callable[[Rows], float]:
    """From so many times Baby's size to a hundred times it, over that of the interactions; the model with the most."""

    def grown(rows: Rows, key: str) -> list[float]:
        small, large = (cells(rows, key, loader=loader, **{"times Baby": scale}) for scale in (first, 100.0))
        return [after / before for before, after in zip(small, large, strict=True)]

    return lambda rows: max(a / b for a, b in zip(grown(rows, column), grown(rows, "interactions"), strict=True))
