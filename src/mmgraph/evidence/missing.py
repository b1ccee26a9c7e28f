"""Curves of runs under ``control=missing``: how much a model loses when items lack their features."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

from mmgraph.evidence.figures import COLOURS, DASHES, MARKERS, draw_figure, figure_bytes
from mmgraph.evidence.finished import RunGroup, find_runs, group_by_seed
from mmgraph.files import atomic_write

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Curve = Mapping[float, Sequence[float]]
"""Values of all seeds by rate."""


def missing_curves(folders: Iterable[Any], *, metric: str = "recall@20", split: str = "val") -> dict[str, Curve]:
    """The metric by rate, of every model, modality, way of choosing and fill among finished runs.

    Args:
        folders: of runs under ``control=missing``, or folders that hold such at any depth; other runs are left out.
        metric: which.
        split: ``"val"`` or ``"test"``.

    Raises:
        FileNotFoundError: if a folder is not there or holds no finished run.
        ValueError: if no run has this control, or they were trained on several splits.
    """
    runs = [run for run in find_runs(folders) if run.report.control and run.report.control["kind"] == "missing"]
    if not runs:
        raise ValueError("no run among these was trained under control=missing")
    splits = {(run.report.dataset, run.report.split_hash) for run in runs}
    if len(splits) > 1:
        listed = ", ".join(f"{name} {digest[:8]}" for name, digest in sorted(splits))
        raise ValueError(f"curves are of runs on one split, found {listed}: draw one figure for each")
    curves: defaultdict[str, dict[float, Sequence[float]]] = defaultdict(dict)
    for group in group_by_seed(runs):
        curves[_label(group)][float(_control(group)["rate"])] = group.metric(split, metric)
    return {label: dict(sorted(curve.items())) for label, curve in curves.items()}


def _control(group: RunGroup) -> dict[str, Any]:
    return group.runs[0].report.control or {}


def _label(group: RunGroup) -> str:
    control = _control(group)
    order = "at random" if control["by"] == "random" else f"by {control['by']}"
    settings = [" and ".join(control["modalities"]), order]
    return f"{group.runs[0].report.model} ({', '.join([*settings, control.get('fill', 'own fill')])})"


def curve_figure(curves: Mapping[str, Curve], *, ylabel: str) -> "Figure":
    """A line for each curve; where there are several seeds, over a band of one deviation to either side.

    Raises:
        ImportError: without matplotlib (the extra ``evidence``).
    """
    return draw_figure(partial(_draw, curves=curves, ylabel=ylabel), (6.4, 4.0))


def _draw(figure: "Figure", curves: Mapping[str, Curve], ylabel: str) -> None:
    axes = figure.subplots()
    for index, (label, curve) in enumerate(curves.items()):
        rates = [100 * rate for rate in curve]
        means = [fmean(values) for values in curve.values()]
        spread = [stdev(values) if len(values) > 1 else 0.0 for values in curve.values()]
        color = COLOURS[index % len(COLOURS)]
        style: Any = {"marker": MARKERS[index % len(MARKERS)], "linestyle": DASHES[index % len(DASHES)]}
        axes.plot(rates, means, color=color, label=label, **style)
        low = [mean - deviation for mean, deviation in zip(means, spread, strict=True)]
        high = [mean + deviation for mean, deviation in zip(means, spread, strict=True)]
        axes.fill_between(rates, low, high, color=color, alpha=0.2, linewidth=0)
    axes.set_xlabel("items without the features, %")
    axes.set_ylabel(ylabel)
    axes.legend(fontsize="small")


def save_curves(
    folders: Iterable[Any], path: str | Path, *, metric: str = "recall@20", split: str = "val"
) -> dict[str, Curve]:
    """Draws the curves of finished runs into a file; written whole, or not at all.

    Args:
        folders: as of :func:`missing_curves`, as are the others.
        path: ``.svg`` or ``.png``.
        metric: which.
        split: of which split.

    Raises:
        ValueError: for another ending, or runs that do not belong together.
        ImportError: without matplotlib (the extra ``evidence``).
    """
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("svg", "png"):
        raise ValueError(f"{path}: must end in .svg or .png")
    curves = missing_curves(folders, metric=metric, split=split)
    content = figure_bytes(curve_figure(curves, ylabel=f"{metric}, {split}"), kind)
    with atomic_write(path, "wb") as file:
        file.write(content)
    return curves
