"""Tables that need no training: what a data set holds, and settings."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from omegaconf import OmegaConf

from mmgraph.config.instantiate import instantiate
from mmgraph.datasets.base import InteractionDataset
from mmgraph.evidence.reproduce.collect import dataset_name
from mmgraph.evidence.reproduce.item import SETTINGS, STATISTICS, Item
from mmgraph.evidence.reproduce.request import Request, composed
from mmgraph.evidence.table import Cell, Column, Table, TableRow

_COUNT = ",.0f"
_PERCENT = ".3f"
_SETTING = "g"
COUNTS: dict[str, tuple[str, Callable[[dict[str, Any]], float | None]]] = {
    "users": (_COUNT, lambda summary: summary["users"]),
    "items": (_COUNT, lambda summary: summary["items"]),
    "interactions": (_COUNT, lambda summary: summary["interactions"]),
    "sparsity": (_PERCENT, lambda summary: 100 * (1 - summary["interactions"] / (summary["users"] * summary["items"]))),
    "image": (_COUNT, lambda summary: _size(summary, "image")),
    "text": (_COUNT, lambda summary: _size(summary, "text")),
}
"""What a column of such a table may be: how it is written, and how it is counted."""


def facts_table(request: Request) -> Table:
    """A row for each data set.

    Raises:
        ValueError: if a word is none, or a column is nothing that is counted.
    """
    item = request.item
    made = {STATISTICS: _statistics, SETTINGS: _settings}[item.kind]
    notes = list(item.notes)
    rows = []
    for dataset in request.datasets:
        values, reason = made(request, dataset)
        if reason:
            notes.append(f"{dataset_name(item, dataset)}: {reason}")
        rows.append(_row(item, dataset, values, reason))
    columns = tuple(Column(name, form=_form(item, key)) for key, name in item.columns.items())
    return Table(item.title, columns, tuple(rows), tuple(notes))


def _row(item: Item, dataset: str, values: Sequence[float | None], reason: str) -> TableRow:
    published = [row.published[dataset] for row in item.rows if dataset in row.published]
    cells = [
        Cell(() if value is None else (float(value),), published=known, note=reason)
        for value, known in zip(values, published[0] if published else [None] * len(values), strict=True)
    ]
    return TableRow(dataset_name(item, dataset), tuple(cells))


def _form(item: Item, key: str) -> str:
    return _SETTING if item.kind == SETTINGS else COUNTS[key][0]


def _statistics(request: Request, dataset: str) -> tuple[list[float | None], str]:
    """What a data set holds, and why that is not known."""
    cfg = composed([f"dataset={dataset}", *request.words])
    columns = request.item.columns
    try:
        summary = cast(InteractionDataset, instantiate(cfg.dataset, "dataset")).summary
    except FileNotFoundError:
        return [None] * len(columns), "the data set is not here"
    return [COUNTS[key][1](summary) for key in columns], ""


def _size(summary: dict[str, Any], modality: str) -> float | None:
    found = summary["modalities"].get(modality)
    return None if found is None else found["dim"]


def _settings(request: Request, dataset: str) -> tuple[list[float | None], str]:
    cfg = composed([*request.item.words, f"dataset={dataset}", *request.words])
    return [OmegaConf.select(cfg, key) for key in request.item.columns], ""
