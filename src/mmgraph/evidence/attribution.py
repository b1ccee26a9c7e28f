"""What does each modality bring to a trained model?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mmgraph.evidence.altered import GRAPHS
from mmgraph.evidence.effects import UNKNOWN, WITHIN, Change, Effect, Measured, effects_of
from mmgraph.evidence.finished import FinishedRun, RunGroup, find_runs, group_by_seed
from mmgraph.evidence.paired_controls import trained_on
from mmgraph.evidence.ranked_again import Permutations, RankedAgain, rank_again
from mmgraph.pipeline.api import load
from mmgraph.pipeline.repeatable import repeatable
from mmgraph.pipeline.result import Run

Runs = Run | str | Path | Sequence[Run | str | Path]


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """What :func:`attribute` found.

    Args:
        model: name of the model.
        dataset: name of the data set.
        seeds: of the runs.
        metric: the one that people are shown.
        permutations: how many of each kind.
        graphs: what became of graphs that were drawn from features.
        effects: by change, split and metric.
        refused: why a modality's branch was not removed, by modality.
    """

    model: str
    dataset: str
    seeds: Sequence[int]
    metric: str
    permutations: int
    graphs: str
    effects: Sequence[Effect]
    refused: dict[str, str]

    def shown(self) -> list[Effect]:
        """The effects on the metric that people are shown."""
        return [effect for effect in self.effects if effect.metric == self.metric]

    def effect(self, kind: str, *modalities: str, split: str = "val", metric: str | None = None) -> Effect:
        """One of them.

        Args:
            kind: ``"permuted"``, ``"removed"`` or ``"trained on <control>"``.
            *modalities: which.
            split: of which split.
            metric: of which metric; the one that is shown by default.

        Raises:
            KeyError: if there is none.
        """
        change = Change(kind, modalities)
        for effect in self.effects:
            if (effect.change, effect.split, effect.metric) == (change, split, metric or self.metric):
                return effect
        raise KeyError(f"no effect of {change} on {split} {metric or self.metric}")

    def verdict(self, *modalities: str, split: str = "val") -> str:
        """What all ways together say of a modality: "beyond the floor" where each of them does, else "within".

        A model that has learnt noise by heart reads it, so that permuting it costs; taking it out does not. What has no
        floor is left out, unless nothing has one.

        Args:
            *modalities: one, or several that were changed together.
            split: of which split.

        Raises:
            KeyError: if nothing was done to them by themselves.
        """
        found = [e.verdict for e in self.shown() if e.change.modalities == modalities and e.split == split]
        if not found:
            raise KeyError(f"no effect of {modalities} on {split} {self.metric}")
        known = set(found) - {UNKNOWN}
        return min(known, default=UNKNOWN) if len(known) < 2 else WITHIN

    def save(self, path: str | Path) -> Path:
        """Writes all of it: ``.json``, ``.csv``, or a figure (``.svg``, ``.png``); whole, or not at all.

        Raises:
            ValueError: for another ending.
            ImportError: for a figure, without matplotlib (the extra ``evidence``).
        """
        from mmgraph.evidence.attribution_files import save

        return save(self, Path(path))


def attribute(
    runs: Runs,
    *,
    controls: Runs = (),
    permutations: int = 5,
    graphs: str = "recompute",
    splits: Sequence[str] = ("val", "test"),
    metric: str = "recall@20",
    seed: int = 0,
    data_root: str | Path | None = None,
    on_step: Callable[[str], None] = lambda done: None,
) -> Attribution:
    """Permutes and removes each modality of trained runs, and compares with runs that were trained under a control.

    Nothing is trained and nothing written. Against noise there are two floors: twice the deviation over seeds of the
    level, and of the paired differences; both need runs of several seeds.

    Args:
        runs: a finished run or its folder, or several that differ in their seed alone.
        controls: runs of the same settings but for ``control=``; compared seed by seed.
        permutations: how often rows are permuted, at least 1.
        graphs: ``"recompute"``: item graphs are drawn from the permuted features; ``"hold"``: they stay, so that only
            what the model reads beside them is permuted.
        splits: where to rank.
        metric: what :meth:`Attribution.shown` and tables have; files have all.
        seed: of the permutations.
        data_root: where the data sets lie now, if not where they were.
        on_step: called before each ranking, with what is ranked.

    Raises:
        ValueError: if the runs are not of the same settings, or a word is out of range.
        FileNotFoundError: if there is no finished run.
    """
    opened = _opened(runs, data_root)
    group = _one_group(opened, "runs")
    _check(opened[0], permutations, graphs, splits, metric)
    compared = group_by_seed(map(_finished, _opened(controls, data_root)))
    trained = [effect for other in compared for effect in trained_on(group, other, splits)]
    drawn = Permutations(count=permutations, graphs=graphs, seed=seed)
    ranked = []
    with repeatable():
        for run in opened:
            on_run = partial(_step_of, on_step, run.report.seed)
            ranked.append(rank_again(run.parts, run.report.seed, drawn, splits, on_run))
    return Attribution(
        model=opened[0].report.model,
        dataset=opened[0].report.dataset,
        seeds=group.seeds,
        metric=metric,
        permutations=permutations,
        graphs=graphs,
        effects=[*_effects(ranked, splits), *trained],
        refused=dict(ranked[0].refused),
    )


def _step_of(on_step: Callable[[str], None], seed: int, what: str) -> None:
    on_step(f"seed {seed}: {what}")


def _effects(ranked: Sequence[RankedAgain], splits: Sequence[str]) -> Iterator[Effect]:
    for change in ranked[0].changed:
        for split in splits:
            measured = [
                Measured(each.seed, each.base[split], [found[split] for found in each.changed[change]])
                for each in ranked
            ]
            yield from effects_of(change, split, measured)


def _opened(runs: Runs, data_root: str | Path | None) -> list[Run]:
    several = [runs] if isinstance(runs, Run | str | Path) else list(runs)
    opened = []
    for each in several:
        if isinstance(each, Run):
            opened.append(each)
        else:
            opened += [load(found.folder, data_root=data_root) for found in find_runs([each])]
    return opened


def _finished(run: Run) -> FinishedRun:
    return FinishedRun(run.folder, run.report)


def _one_group(runs: Sequence[Run], name: str) -> RunGroup:
    groups = group_by_seed(map(_finished, runs))
    if len(groups) != 1 or len(groups[0].runs) != len(runs):
        listed = ", ".join(f"{group.name} (seeds {group.seeds})" for group in groups) or "none"
        raise ValueError(f"{name}: must be one run, or runs that differ in their seed alone; got {listed}")
    return groups[0]


def _check(run: Run, permutations: int, graphs: str, splits: Sequence[str], metric: str) -> None:
    if permutations < 1:
        raise ValueError(f"permutations={permutations}: must be at least 1")
    if graphs not in GRAPHS:
        raise ValueError(f"graphs={graphs!r}: must be one of {list(GRAPHS)}")
    ranked = list(run.config.evaluator.mask)
    if not splits or isinstance(splits, str) or set(splits) - set(ranked):
        raise ValueError(f"splits={splits!r}: must be some of {ranked}, as in [val,test]")
    if metric not in run.report.val:
        raise ValueError(f"metric={metric}: the run has {', '.join(run.report.val)}")
