"""What modalities bring, for people and for programs: a table, JSON, CSV and a figure."""

import json
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from mmgraph.evidence.csv_text import csv_text
from mmgraph.evidence.effects import Effect
from mmgraph.evidence.figures import COLOURS, HATCHES, draw_figure, figure_bytes
from mmgraph.files import atomic_write
from mmgraph.terminal import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mmgraph.evidence.attribution import Attribution

SPLITS = {"val": "validation", "test": "test"}
_FIGURES = (".svg", ".png")
_FLOOR = "#999999"
_OF_KIND = {"permuted": 0, "removed": 4}
"""Colour and hatch by what was done; runs under a control have the third."""


def effect_table(found: "Attribution") -> Table:
    """The effects on one metric, a row for each change and split."""
    several = len(found.seeds) > 1
    seeds = f"seed{'s' if several else ''} {', '.join(map(str, found.seeds))}"
    table = Table(title=Text(printable(f"{found.model} on {found.dataset}, {found.metric}, {seeds}")))
    for heading in ("change", "modality", "split"):
        table.add_column(heading)
    for heading in ("as it is", "changed", "cost", "± users", "level floor", "paired floor"):
        table.add_column(heading, justify="right")
    table.add_column("verdict")
    for effect in found.shown():
        row = effect.row()
        numbers = (row["over_users"], effect.level_floor, effect.paired_floor)
        table.add_row(
            Text(printable(effect.change.kind)),
            Text(printable(_modalities(effect))),
            SPLITS.get(effect.split, effect.split),
            f"{row['level']:.4f}",
            f"{row['changed']:.4f}",
            f"{effect.cost:+.4f}",
            *("-" if number is None else f"{number:.4f}" for number in numbers),
            "ranking unchanged" if effect.same_ranking else effect.verdict,
        )
    return table


def notes(found: "Attribution") -> list[str]:
    """What a reader of the table must know, in lines."""
    changed = dict.fromkeys(effect.change.modalities for effect in found.shown())
    lines = [_verdict(found, names, split) for split in _splits(found) for names in changed]
    lines += [f"{name} is not removed: {why}" for name, why in found.refused.items()]
    if any(effect.same_ranking for effect in found.shown()):
        lines.append(
            "ranking unchanged: the model reads these features in training alone, or not at all; runs trained under "
            "control= show what they bring there"
        )
    if len(found.seeds) < 2:
        lines.append("both floors need runs of several seeds: give their folders, too")
    return lines


def _verdict(found: "Attribution", names: tuple[str, ...], split: str) -> str:
    """Modalities in a line: the verdict, and what each change of them cost."""
    effects = [e for e in found.shown() if e.change.modalities == names and e.split == split]
    costs = ", ".join(f"{effect.change.kind} {effect.cost:+.4f}" for effect in effects)
    return f"{SPLITS.get(split, split)}, {' + '.join(names)}: {found.verdict(*names, split=split)} ({costs})"


def _splits(found: "Attribution") -> list[str]:
    return list(dict.fromkeys(effect.split for effect in found.shown()))


def check_path(path: Path) -> None:
    """Refuses a file of no kind that there is, or a figure without matplotlib, before anything is computed.

    Raises:
        ValueError: for another ending.
        ImportError: for a figure, without matplotlib (the extra ``evidence``).
    """
    ending = path.suffix.lower()
    if ending not in (".json", ".csv", *_FIGURES):
        raise ValueError(f"out={path}: must end in .json, .csv, {', '.join(_FIGURES)}")
    if ending in _FIGURES:
        import_module("matplotlib")


def save(found: "Attribution", path: Path) -> Path:
    """Writes a file of the kind that its name ends in.

    Raises:
        ValueError: for another ending.
        ImportError: for a figure, without matplotlib (the extra ``evidence``).
    """
    check_path(path)
    ending = path.suffix.lower()
    if ending == ".json":
        content = json.dumps(_plain(found), indent=1, allow_nan=False).encode()
    elif ending == ".csv":
        content = _csv(found).encode()
    else:
        content = figure_bytes(effect_figure(found), ending[1:])
    with atomic_write(path, "wb") as file:
        file.write(content)
    return path


def _plain(found: "Attribution") -> dict[str, Any]:
    return {
        "model": found.model,
        "dataset": found.dataset,
        "seeds": list(found.seeds),
        "permutations": found.permutations,
        "graphs": found.graphs,
        "effects": [effect.row() for effect in found.effects],
        "refused": dict(found.refused),
    }


def _csv(found: "Attribution") -> str:
    return csv_text([{"model": found.model, "dataset": found.dataset, **effect.row()} for effect in found.effects])


def effect_figure(found: "Attribution") -> "Figure":
    """Costs as bars, a panel for each split, over the larger of the two floors as a grey band.

    Raises:
        ImportError: without matplotlib (the extra ``evidence``).
    """
    changes = len({effect.change for effect in found.shown()})
    return draw_figure(partial(_draw, found=found), (4.2 * len(_splits(found)), 1.2 + 0.34 * changes))


def _draw(figure: "Figure", found: "Attribution") -> None:
    changes = list(dict.fromkeys(effect.change for effect in found.shown()))
    splits = _splits(found)
    for axes, split in zip(figure.subplots(1, len(splits), sharey=True, squeeze=False)[0], splits, strict=True):
        effects = [effect for effect in found.shown() if effect.split == split]
        places = [changes.index(effect.change) for effect in effects]
        floors = [max(effect.level_floor or 0, effect.paired_floor or 0) for effect in effects]
        band = [2 * floor for floor in floors]
        axes.barh(places, band, left=[-floor for floor in floors], height=0.9, color=_FLOOR, alpha=0.35)
        styles = [_OF_KIND.get(effect.change.kind, 2) for effect in effects]
        axes.barh(
            places,
            [effect.cost for effect in effects],
            height=0.5,
            color=[COLOURS[style] for style in styles],
            hatch=[HATCHES[style] for style in styles],
            edgecolor="white",
        )
        axes.axvline(0, color="black", linewidth=0.8)
        axes.set_yticks(range(len(changes)), [f"{change.kind} {', '.join(change.modalities)}" for change in changes])
        axes.set_title(f"{SPLITS.get(split, split)}: cost in {found.metric}")
    figure.axes[0].invert_yaxis()
    figure.suptitle(f"{found.model} on {found.dataset}; grey: twice the deviation over seeds")


def _modalities(effect: Effect) -> str:
    return ", ".join(effect.change.modalities)
