"""A search as a picture: what each trial came to, and how that depends on each thing that was chosen."""

import math
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from mmgraph.cli.study_summary import StudySummary
from mmgraph.evidence.figures import COLOURS, draw_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 3
_KINDS: dict[str, dict[str, Any]] = {
    "COMPLETE": {"marker": "o", "color": COLOURS[0], "label": "to the end"},
    "PRUNED": {"marker": "x", "color": COLOURS[2], "label": "pruned: its last value"},
}
_SIZE = 24


def draw_search(summary: StudySummary) -> "Figure":
    """The value of each trial with the best so far, and a panel for each parameter.

    Args:
        summary: the search; a trial has come to its end.

    Raises:
        ModuleNotFoundError: without matplotlib.
    """
    names = list(dict.fromkeys(name for trial in summary.trials for name in trial.params))
    columns = min(1 + len(names), _COLUMNS)
    rows = math.ceil((1 + len(names)) / columns)

    def draw(figure: "Figure") -> None:
        ends = summary.record
        figure.suptitle(f"{summary.name}: {ends['complete']} trials to the end, {ends['pruned']} pruned")
        axes = figure.subplots(rows, columns, squeeze=False).flatten()
        _draw_trials(axes[0], summary)
        for axis, name in zip(axes[1:], names, strict=False):
            _draw_parameter(axis, summary, name)
        for unused in axes[1 + len(names) :]:
            unused.set_axis_off()

    return draw_figure(draw, (4 * columns, 3 * rows))


def _points(summary: StudySummary, state: str) -> list[tuple[Any, float]]:
    """Trials that ended so, with their values; one that was pruned has its last."""
    return [(t, t.value) for t in summary.trials if t.state.name == state and t.value is not None]


def _draw_trials(axis: "Axes", summary: StudySummary) -> None:
    from matplotlib.ticker import MaxNLocator

    for state, style in _KINDS.items():
        if points := _points(summary, state):
            axis.scatter([trial.number for trial, _ in points], [value for _, value in points], s=_SIZE, **style)
    complete = _points(summary, "COMPLETE")
    best = list(accumulate((value for _, value in complete), max))
    numbers = [*(trial.number for trial, _ in complete), len(summary.trials) - 1]
    axis.step(numbers, [*best, best[-1]], where="post", color="black", label="best so far")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlabel("trial")
    axis.set_ylabel(f"validation {summary.monitor}")
    axis.legend(fontsize="small")


def _draw_parameter(axis: "Axes", summary: StudySummary, name: str) -> None:
    from optuna.distributions import CategoricalDistribution

    distribution = next(trial.distributions[name] for trial in summary.trials if name in trial.distributions)
    choices = list(distribution.choices) if isinstance(distribution, CategoricalDistribution) else None
    for state, style in _KINDS.items():
        points = [(trial.params[name], value) for trial, value in _points(summary, state)]
        places = [chosen if choices is None else choices.index(chosen) for chosen, _ in points]
        if places:
            axis.scatter(places, [value for _, value in points], s=_SIZE, **style)
    if choices is not None:
        axis.set_xticks(range(len(choices)), [str(choice) for choice in choices])
    elif distribution.log:
        axis.set_xscale("log")
    axis.set_xlabel(name)
