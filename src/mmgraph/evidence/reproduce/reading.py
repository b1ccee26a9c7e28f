"""Reads what ``conf/reproduction`` holds of a table or figure, strictly: a mistyped key is an error with its place."""

import difflib
import numbers
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from mmgraph.evidence.reproduce.item import FIGURES, KINDS, RUNS, Item, Published, Row

_ITEM = {
    "title", "source", "datasets", "columns", "kind", "words", "rows", "sweeps", "figure", "by_section", "transpose",
    "analysis", "options", "notes",
}  # fmt: skip
_ROW = {"label", "section", "words", "without", "why_not", "published"}
_SWEEP = {"symbol", "section", "key", "values", "words", "published"}


class _Loader(yaml.SafeLoader):
    """Plain data; a key that stands twice is an error."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = [key for key in keys if keys.count(key) > 1]
        if twice:
            raise ValueError(f"line {node.start_mark.line + 1}: {twice[0]} stands twice")
        return super().construct_mapping(node, deep)


def read_item(path: Path) -> Item:
    """The table or figure that a file describes.

    Args:
        path: ``<paper>/<item>.yaml``.

    Raises:
        ValueError: if a key is not known, is missing, or holds what it cannot; names the file and the key.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # plain data only
        return _item(content, path.parent.name, path.stem)
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"{path}: {error}") from error


def _item(content: Any, paper: str, name: str) -> Item:
    node = _mapping(content, "the file", _ITEM, needed={"title", "source", "datasets", "columns"})
    datasets = _names(node["datasets"], "datasets")
    columns = _names(node["columns"], "columns")
    kind = _choice(node.get("kind", RUNS), "kind", KINDS)
    figure = node.get("figure")
    rows = [_row(row, f"rows[{place}]") for place, row in enumerate(_list(node.get("rows", []), "rows"))]
    for place, sweep in enumerate(_list(node.get("sweeps", []), "sweeps")):
        rows += _sweep(sweep, f"sweeps[{place}]")
    if not rows:
        raise ValueError("rows or sweeps must hold something")
    for row in rows:
        _check_published(row, datasets, columns)
    return Item(
        paper=paper,
        name=name,
        title=_text(node["title"], "title"),
        source=_text(node["source"], "source"),
        datasets=datasets,
        columns=columns,
        rows=tuple(rows),
        kind=kind,
        words=_texts(node.get("words", []), "words"),
        figure=None if figure is None else _choice(figure, "figure", FIGURES),
        by_section=_truth(node.get("by_section", "sweeps" in node), "by_section"),
        transpose=_truth(node.get("transpose", False), "transpose"),
        analysis=None if "analysis" not in node else _text(node["analysis"], "analysis"),
        options=_mapping(node.get("options", {}), "options"),
        notes=_texts(node.get("notes", []), "notes"),
    )


def _row(content: Any, place: str) -> Row:
    node = _mapping(content, place, _ROW, needed={"label"})
    without = node.get("without")
    why_not = node.get("why_not")
    return Row(
        label=_text(node["label"], f"{place}.label"),
        section=_text(node.get("section", ""), f"{place}.section"),
        words=_texts(node.get("words", []), f"{place}.words"),
        without=None if without is None else _text(without, f"{place}.without"),
        why_not=None if why_not is None else _text(why_not, f"{place}.why_not"),
        published=_published(node.get("published", {}), f"{place}.published"),
    )


def _sweep(content: Any, place: str) -> list[Row]:
    """A row for each value of one setting."""
    node = _mapping(content, place, _SWEEP, needed={"symbol", "key", "values"})
    symbol = _text(node["symbol"], f"{place}.symbol")
    section = _text(node.get("section", symbol), f"{place}.section")
    words = _texts(node.get("words", []), f"{place}.words")
    key = _text(node["key"], f"{place}.key")
    values = [str(value) for value in _list(node["values"], f"{place}.values")]
    published = _mapping(node.get("published", {}), f"{place}.published", values)
    return [
        Row(
            label=f"{symbol} = {value}",
            section=section,
            words=(*words, f"{key}={value}"),
            published=_published(published.get(value, {}), f"{place}.published.{value}"),
        )
        for value in values
    ]


def _published(content: Any, place: str) -> Published:
    return {name: _values(values, f"{place}.{name}") for name, values in _mapping(content, place).items()}


def _values(content: Any, place: str) -> tuple[float | None, ...]:
    values = _list(content, place)
    for value in values:
        if value is not None and (isinstance(value, bool) or not isinstance(value, numbers.Real)):
            raise ValueError(
                f"{place} must hold numbers (1.0e-4, not 1e-4), or null where the paper has none; got {value!r}"
            )
    return tuple(values)


def _check_published(row: Row, datasets: Mapping[str, str], columns: Mapping[str, str]) -> None:
    for name, values in row.published.items():
        if name not in datasets:
            raise ValueError(f"row {row.label!r}: published.{name}: the paper's data sets are {', '.join(datasets)}")
        if len(values) != len(columns):
            raise ValueError(
                f"row {row.label!r}: published.{name} has {len(values)} values, there are {len(columns)} columns"
            )


def _mapping(content: Any, place: str, known: Collection[str] = (), needed: Collection[str] = ()) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise ValueError(f"{place} must be a mapping, got {content!r:.80}")
    found = {str(key): value for key, value in content.items()}
    for key in found:
        if known and key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            meant = f"; did you mean {close[0]}?" if close else ""
            raise ValueError(f"{place} has no key {key!r}{meant}; the keys are {', '.join(sorted(known))}")
    if missing := [key for key in needed if key not in found]:
        raise ValueError(f"{place} lacks {', '.join(sorted(missing))}")
    return found


def _names(content: Any, place: str) -> dict[str, str]:
    return {key: _text(value, f"{place}.{key}") for key, value in _mapping(content, place).items()}


def _list(content: Any, place: str) -> Sequence[Any]:
    if not isinstance(content, list):
        raise ValueError(f"{place} must be a list, got {content!r:.80}")
    return content


def _texts(content: Any, place: str) -> tuple[str, ...]:
    return tuple(_text(value, place) for value in _list(content, place))


def _text(content: Any, place: str) -> str:
    if not isinstance(content, str):
        raise ValueError(f"{place} must be a text, got {content!r:.80}")
    return content


def _truth(content: Any, place: str) -> bool:
    if not isinstance(content, bool):
        raise ValueError(f"{place} must be true or false, got {content!r:.80}")
    return content


def _choice(content: Any, place: str, known: Collection[str]) -> str:
    if content not in known:
        raise ValueError(f"{place} must be one of {', '.join(known)}, got {content!r}")
    return str(content)
