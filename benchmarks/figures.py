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


def smallest(column: str) -> Callable[[Rows], float]:
    return lambda rows: min(cells(rows, column))


def percent_sampling(rows: Rows) -> float:
    """Of a step, in the model where it is the most."""
    models = {row.get("model"): None for row in rows}
    return max(
        100 * cell("ms", model=model, part="sampling")(rows) / cell("ms", model=model, part="step")(rows)
        for model in models
    )


def faster_than_exact(**where: Any) -> Callable[[Rows], float]:
    return lambda rows: cell("s", search="exact", **where)(rows) / cell("s", search="approximate", **where)(rows)


def shortfall(rows: Rows) -> float:
    """Of sampled anchors, where it is the most."""
    return max(cells([row for row in rows if row.get("anchors") != "all"], "standard errors below all"))


def growth(column: str, loader: str) -> Callable[[Rows], float]:
    """From the smallest to the largest graph, over that of the interactions, in the model where it is the most."""

    def of(model: str, rows: Rows) -> float:
        sizes, values = (cells(rows, key, model=model, loader=loader) for key in ("interactions", column))
        first, last = sizes.index(min(sizes)), sizes.index(max(sizes))
        if sizes[first] == sizes[last]:
            raise ValueError(f"there must be two sizes or more of {model!r} with {loader!r}, found {sizes}")
        return values[last] / values[first] / (sizes[last] / sizes[first])

    def figure(rows: Rows) -> float:
        models = {str(row.get("model")) for row in rows if row.get("loader") == loader}
        if not models:
            raise ValueError(f"there must be rows with loader {loader!r}")
        return max(of(model, rows) for model in models)

    return figure
