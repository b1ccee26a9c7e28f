"""Reads what ``papers/`` holds of a table or figure, strictly: a mistyped key is an error with its place."""

import numbers
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from mmgraph.evidence.reproduce.item import FIGURES, KINDS, RUNS, Item, Published, Row
from mmgraph.evidence.reproduce.plain import choice, list_of, mapping, named_texts, read_plain, text, texts, truth

_ITEM = {
    "title", "source", "datasets", "columns", "kind", "words", "rows", "sweeps", "figure", "by_section", "transpose",
    "floors", "analysis", "options", "claim", "notes",
}  # fmt: skip
FLOORS = "floors.yaml"
_FLOORS = "Floors, not in the paper"
_ROW = {"label", "section", "words", "without", "why_not", "fuses", "seeded", "published", "first_on"}
_SWEEP = {"symbol", "section", "key", "values", "words", "published", "first"}


def read_item(path: Path) -> Item:
    """The table or figure that a file describes.

    Args:
        path: ``<paper>/<item>.yaml``.

    Raises:
        ValueError: if a key is not known, is missing, or holds what it cannot; names the file and the key.
    """
    try:
        return _item(read_plain(path), path)
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"{path}: {error}") from error


def read_floors(path: Path) -> list[Row]:
    """What every comparison of models carries: rows without which nobody knows what a figure is worth.

    Args:
        path: ``floors.yaml``.

    Raises:
        ValueError: as :func:`read_item`.
    """
    try:
        rows = [_row(row, f"[{place}]") for place, row in enumerate(list_of(read_plain(path), "the file"))]
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"{path}: {error}") from error
    return [replace(row, section=_FLOORS) for row in rows]


def _item(content: Any, path: Path) -> Item:
    node = mapping(content, "the file", _ITEM, needed={"title", "source", "datasets", "columns"})
    datasets = named_texts(node["datasets"], "datasets")
    columns = named_texts(node["columns"], "columns")
    kind = choice(node.get("kind", RUNS), "kind", KINDS)
    figure = node.get("figure")
    rows = [_row(row, f"rows[{place}]") for place, row in enumerate(list_of(node.get("rows", []), "rows"))]
    for place, sweep in enumerate(list_of(node.get("sweeps", []), "sweeps")):
        rows += _sweep(sweep, f"sweeps[{place}]")
    if not rows:
        raise ValueError("rows or sweeps must hold something")
    if truth(node.get("floors", False), "floors"):
        rows += read_floors(path.parents[1] / FLOORS)
    for row in rows:
        _check_published(row, datasets, columns)
        _check_first(row, datasets)
        _check_fused(row, rows)
    return Item(
        paper=path.parent.name,
        name=path.stem,
        title=text(node["title"], "title"),
        source=text(node["source"], "source"),
        datasets=datasets,
        columns=columns,
        rows=tuple(rows),
        kind=kind,
        words=texts(node.get("words", []), "words"),
        figure=None if figure is None else choice(figure, "figure", FIGURES),
        by_section=truth(node.get("by_section", "sweeps" in node), "by_section"),
        transpose=truth(node.get("transpose", False), "transpose"),
        analysis=None if "analysis" not in node else text(node["analysis"], "analysis"),
        options=mapping(node.get("options", {}), "options"),
        claim=None if "claim" not in node else text(node["claim"], "claim"),
        notes=texts(node.get("notes", []), "notes"),
    )


def _row(content: Any, place: str) -> Row:
    node = mapping(content, place, _ROW, needed={"label"})
    without = node.get("without")
    why_not = node.get("why_not")
    return Row(
        label=text(node["label"], f"{place}.label"),
        section=text(node.get("section", ""), f"{place}.section"),
        words=texts(node.get("words", []), f"{place}.words"),
        without=None if without is None else text(without, f"{place}.without"),
        why_not=None if why_not is None else text(why_not, f"{place}.why_not"),
        fuses=texts(node.get("fuses", []), f"{place}.fuses"),
        seeded=truth(node.get("seeded", True), f"{place}.seeded"),
        published=_published(node.get("published", {}), f"{place}.published"),
        first_on=texts(node.get("first_on", []), f"{place}.first_on"),
    )


def _sweep(content: Any, place: str) -> list[Row]:
    """A row for each value of one setting."""
    node = mapping(content, place, _SWEEP, needed={"symbol", "key", "values"})
    symbol = text(node["symbol"], f"{place}.symbol")
    section = text(node.get("section", symbol), f"{place}.section")
    words = texts(node.get("words", []), f"{place}.words")
    key = text(node["key"], f"{place}.key")
    values = [str(value) for value in list_of(node["values"], f"{place}.values")]
    published = mapping(node.get("published", {}), f"{place}.published", values)
    first = {name: str(value) for name, value in mapping(node.get("first", {}), f"{place}.first").items()}
    for name, value in first.items():
        choice(value, f"{place}.first.{name}", values)
    return [
        Row(
            label=f"{symbol} = {value}",
            section=section,
            words=(*words, f"{key}={value}"),
            published=_published(published.get(value, {}), f"{place}.published.{value}"),
            first_on=tuple(name for name in first if first[name] == value),
        )
        for value in values
    ]


def _published(content: Any, place: str) -> Published:
    return {name: _values(values, f"{place}.{name}") for name, values in mapping(content, place).items()}


def _values(content: Any, place: str) -> tuple[float | None, ...]:
    values = list_of(content, place)
    for value in values:
        if value is not None and (isinstance(value, bool) or not isinstance(value, numbers.Real)):
            raise ValueError(
                f"{place} must hold numbers (1.0e-4, not 1e-4), or null where the paper has none; got {value!r}"
            )
    return tuple(values)


def _check_fused(row: Row, rows: Sequence[Row]) -> None:
    """A fusion is of rows that are trained, each of a label of its own."""
    trained = [other.label for other in rows if not other.fuses and other.why_not is None]
    if row.fuses and row.words:
        raise ValueError(f"row {row.label!r}: fuses and words exclude each other")
    if len(row.fuses) == 1:
        raise ValueError(f"row {row.label!r}: fuses must name two rows or more")
    for label in row.fuses:
        if trained.count(label) != 1:
            raise ValueError(f"row {row.label!r}: fuses: {label!r} must be the label of one row that is trained")


def _check_published(row: Row, datasets: Mapping[str, str], columns: Mapping[str, str]) -> None:
    for name, values in row.published.items():
        if name not in datasets:
            raise ValueError(f"row {row.label!r}: published.{name}: the paper's data sets are {', '.join(datasets)}")
        if len(values) != len(columns):
            raise ValueError(
                f"row {row.label!r}: published.{name} has {len(values)} values, there are {len(columns)} columns"
            )


def _check_first(row: Row, datasets: Mapping[str, str]) -> None:
    for name in row.first_on:
        if name not in datasets:
            raise ValueError(f"row {row.label!r}: first on {name!r}: the paper's data sets are {', '.join(datasets)}")
