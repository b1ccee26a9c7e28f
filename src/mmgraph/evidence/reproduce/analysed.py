"""Figures that look into finished runs: the analysis that an item names, on each data set."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from mmgraph.evidence.analyses import Analysis
from mmgraph.evidence.finished import FinishedRun
from mmgraph.evidence.reproduce.collect import Found, dataset_name
from mmgraph.evidence.reproduce.request import Request

_ROOM = "mmgraph.evidence.analyses"
_SMALL = 1e-4
_SHOWN = 40  # rows of a table on a page; the .json has all


@dataclass
class Looked:
    """What analyses came to.

    Attributes:
        files: what was written.
        lines: of Markdown.
    """

    files: list[Path] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def analysis_named(name: str) -> Callable[..., Analysis]:
    """The function that makes an analysis.

    Raises:
        ValueError: if there is none of that name.
    """
    try:
        analyse: Callable[..., Analysis] = import_module(f"{_ROOM}.{name}").analyse
    except (ModuleNotFoundError, AttributeError) as error:
        raise ValueError(f"analysis: there is no {_ROOM}.{name} with a function analyse") from error
    return analyse


def look(request: Request, found: Found) -> Looked:
    """Makes and writes the analysis of each data set; one that cannot be made is a line.

    Args:
        request: what was asked for; its item names an analysis.
        found: the finished runs.
    """
    looked = Looked()
    assert request.item.analysis is not None
    analyse = analysis_named(request.item.analysis)
    for dataset in request.datasets:
        name = f"{request.item.full_name}-{dataset}"
        looked.lines += [f"## {dataset_name(request.item, dataset)}", ""]
        try:
            analysis = analyse(_given(analyse, request, dataset, found), **request.item.options)
            looked.files += analysis.write(request.out, name)
        except (ValueError, OSError, ModuleNotFoundError) as error:
            looked.lines += [f"Not made: {error}.", ""]
        else:
            looked.lines += _lines(analysis, name)
    return looked


def _given(analyse: Callable[..., Analysis], request: Request, dataset: str, found: Found) -> Any:
    """The runs by the labels of their rows, or the first of them, as the analysis takes it."""
    runs: dict[str, Sequence[FinishedRun]] = {
        row.label: found[row, dataset] for row in request.item.rows if (row, dataset) in found
    }
    if not runs:
        raise ValueError("no run has ended")
    takes_one = next(iter(inspect.signature(analyse).parameters)) == "run"
    return next(iter(runs.values()))[0] if takes_one else runs


def _lines(analysis: Analysis, name: str) -> list[str]:
    lines = [f"![{analysis.title}]({name}.png)", ""]
    for title, rows in analysis.tables:
        lines += [f"### {title[:1].upper()}{title[1:]}", "", *_table(rows[:_SHOWN]), ""]
        if len(rows) > _SHOWN:
            lines += [f"{len(rows)} rows; all of them are in `{name}.json`.", ""]
    return [*lines, *(f"{note}\n" for note in analysis.notes)]


def _table(rows: Sequence[Any]) -> list[str]:
    heads = list(dict.fromkeys(key for row in rows for key in row))
    lines = [heads, ["--"] * len(heads), *([_shown(row.get(head)) for head in heads] for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, float):
        return str(value).replace("|", "\\|")
    return format(value, ".1e" if 0 < abs(value) < _SMALL else ".4f")
