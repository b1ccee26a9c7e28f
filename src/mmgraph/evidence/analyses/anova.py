"""NSMAR+, Section 3.1.2: are the models all alike? Analysis of variance, over users and over seeds."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mmgraph.evidence.analyses.base import Analysis, Row, Runs, by_name
from mmgraph.evidence.comparable import Contender, check_comparable, contenders
from mmgraph.evidence.figures import COLOURS, MARKERS
from mmgraph.evidence.statistics import Anova, holm, one_way_anova, paired_difference, repeated_anova

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OVER_USERS = "over users"
OVER_SEEDS = "over seeds"
AGAINST = "the first model against each of the others"
_NOTES = (
    "Over users: analysis of variance of repeated measures, the same users by every model, degrees of freedom "
    "corrected by Greenhouse and Geisser; effect: the share of the variance, without the users', that the models "
    "explain.",
    "Over seeds: one-way, a value for each training; it needs two seeds or more of every model.",
    "Against each: paired differences over users with their 95% interval, p of the paired t test corrected by Holm "
    "over all rows of the table.",
    "The paper states p < 0.05 for recall and NDCG, without the test's statistic and without what was repeated.",
)


def analyse(runs: Runs, *, metrics: Sequence[str] = ("recall@20", "ndcg@20"), split: str = "test") -> Analysis:
    """Whether models differ more than chance brings.

    Args:
        runs: by name; the model of the paper (its "experimental group") first.
        metrics: of single users.
        split: ``"test"`` or ``"val"``.

    Raises:
        ValueError: if there is one model alone, or runs cannot be compared.
    """
    named = by_name(runs)
    if len(named) < 2:
        raise ValueError(f"there is one model alone, {next(iter(named))}: an analysis of variance needs two")
    check_comparable([run for group in named.values() for run in group.runs], split)
    found = {metric: contenders(list(named.values()), split, metric) for metric in metrics}
    users = [_row(metric, repeated_anova(_stacked(rows))) for metric, rows in found.items()]
    tables = [(OVER_USERS, users), (AGAINST, _against(found, list(named)))]
    if all(len(group.runs) > 1 for group in named.values()):
        seeds = [_row(metric, one_way_anova([np.array(row.by_seed) for row in rows])) for metric, rows in found.items()]
        tables.insert(1, (OVER_SEEDS, seeds))
    draw = partial(_draw, rows=tables[-1][1], metrics=metrics, first=next(iter(named)))
    size = (3.6 * len(metrics), 0.9 + 0.3 * len(named))
    return Analysis(title="differences between models", tables=tables, draw=draw, notes=_NOTES, size=size)


def _stacked(rows: Sequence[Contender]) -> np.ndarray:
    return np.stack([row.values for row in rows], axis=1)


def _row(metric: str, found: Anova) -> Row:
    return {"metric": metric} | {name: float(value) for name, value in found._asdict().items()}


def _against(found: Mapping[str, Sequence[Contender]], names: Sequence[str]) -> list[Row]:
    rows: list[dict[str, Any]] = []
    for metric, (first, *others) in found.items():
        for name, other in zip(names[1:], others, strict=True):
            paired = paired_difference(first.values, other.values, tests=["t"])
            interval = {"difference": paired.difference, "low": paired.low, "high": paired.high}
            rows.append({"metric": metric, "against": name, **interval, "p": paired.p["t"]})
    adjusted = holm(np.array([row["p"] for row in rows]))
    return [row | {"p_holm": float(p)} for row, p in zip(rows, adjusted, strict=True)]


def _draw(figure: "Figure", *, rows: Sequence[Row], metrics: Sequence[str], first: str) -> None:
    panels = figure.subplots(1, len(metrics), squeeze=False, sharey=True)[0]
    for metric, panel in zip(metrics, panels, strict=True):
        shown = [row for row in rows if row["metric"] == metric]
        for place, row in enumerate(shown):
            panel.plot([row["low"], row["high"]], [place, place], color=COLOURS[0])
            panel.plot(row["difference"], place, marker=MARKERS[0], color=COLOURS[0])
        panel.axvline(0, color=COLOURS[6], linewidth=0.8)
        panel.set_yticks(range(len(shown)), [row["against"] for row in shown])
        panel.set_xlabel(f"difference in {metric}, 95% interval")
    panels[0].invert_yaxis()
    figure.suptitle(f"0 is {first}", fontsize="medium")
