"""Finished runs compared user by user."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmgraph.evidence import comparison_text, forest_plot
from mmgraph.evidence.comparable import Contender, check_comparable, contenders
from mmgraph.evidence.comparison import ComparedRow, Comparison, seed_error
from mmgraph.evidence.finished import RunGroup, find_runs, group_by_seed
from mmgraph.evidence.statistics import (
    CORRECTIONS,
    LEVEL,
    TESTS,
    paired_difference,
    pairwise_p,
    repeated_anova,
    same_letters,
)
from mmgraph.pipeline.result import Run
from mmgraph.pipeline.run_folder import as_folder


def compare(
    *runs: Any,
    metric: str = "recall@20",
    split: str = "test",
    baseline: str | None = None,
    correction: str = "holm",
    tests: Sequence[str] = ("t", "wilcoxon", "bootstrap"),
    out: str | None = None,
    figure: str | None = None,
) -> Comparison:
    """Compares finished runs on the same users: differences, intervals, tests, and the smallest that could be seen.

    Runs that differ in their seed alone share a row: of each user the mean over seeds counts, and the deviation over
    seeds stands beside the mean.

    Args:
        *runs: folders of runs, folders that hold some at any depth, or what ``mmgraph.run`` gave.
        metric: of single users, a name and a length of list.
        split: ``"test"`` or ``"val"``.
        baseline: what the others are compared with: a model, the name of a row, or the folder of one of its runs. By
            default that row of the first folder which is best on validation; test has no say.
        correction: for the number of rows: ``"holm"``, or ``"bh"`` (Benjamini and Hochberg).
        tests: some of ``"t"``, ``"wilcoxon"``, ``"bootstrap"`` and ``"sign_flip"``; p of the first is corrected and
            decides.
        out: a file to write, ``NAME.md``, ``NAME.csv`` or ``NAME.json``.
        figure: a picture to write, ``NAME.svg`` or ``NAME.png`` (needs the extra ``evidence``).

    Returns:
        The rows, best first; printed, a table.

    Raises:
        FileNotFoundError: if a folder is not there, or holds no finished run.
        ValueError: if runs cannot be compared, being of other splits or users or the same run, or a word is none of
            those; names it.

    Example:
        >>> import mmgraph as mm
        >>> data = mm.Synthetic(num_users=60, num_items=60)
        >>> runs = [mm.run(name, data, max_epochs=1, verbose=False) for name in ("popularity", "item_knn")]
        >>> compare(*runs, metric="ndcg@10")["item_knn"].against is not None
        True
    """
    _check_words(split, correction, tests, out, figure)
    folders = [run.folder if isinstance(run, Run) else as_folder(run) for run in runs]
    found = find_runs(folders)
    check_comparable(found, split)
    groups = group_by_seed(found)
    if len(groups) < 2:
        raise ValueError(f"there is one row alone, {groups[0].name}: give runs of two models or settings at least")
    rows = contenders(groups, split, metric)
    chosen = _baseline(rows, baseline, folders[0], metric)
    comparison = _compared(rows, chosen, metric=metric, split=split, correction=correction, tests=tests)
    if out is not None:
        comparison_text.write_comparison(comparison, Path(out))
    if figure is not None:
        forest_plot.write_forest_plot(comparison, Path(figure))
    return comparison


def _check_words(split: str, correction: str, tests: Sequence[str], out: str | None, figure: str | None) -> None:
    """Before anything is read: a mistyped word must not cost a comparison."""
    if split not in ("val", "test"):
        raise ValueError(f"split={split!r}: must be val or test")
    if correction not in CORRECTIONS:
        raise ValueError(f"correction={correction!r}: must be one of {', '.join(CORRECTIONS)}")
    unknown = [name for name in tests if name not in TESTS]
    if unknown or not tests or isinstance(tests, str):
        raise ValueError(f"tests={tests!r}: must be a list of some of {', '.join(TESTS)}")
    endings = {"out": (out, comparison_text.ENDINGS), "figure": (figure, forest_plot.ENDINGS)}
    for name, (path, allowed) in endings.items():
        if path is not None and Path(path).suffix not in allowed:
            raise ValueError(f"{name}={path}: must end in {', '.join(allowed)}")


def _baseline(rows: Sequence[Contender], wanted: str | None, first: Path, metric: str) -> Contender:
    if wanted is None:
        named = [row for row in rows if any(run.folder.is_relative_to(first) for run in row.group.runs)]
        return max(named, key=lambda row: _validation(row.group, metric))
    for row in rows:
        if wanted == row.name or any(run.folder == as_folder(wanted) for run in row.group.runs):
            return row
    of_model = [row for row in rows if row.group.runs[0].report.model == wanted]
    if len(of_model) == 1:
        return of_model[0]
    raise ValueError(f"baseline={wanted}: must be one of the rows: {', '.join(row.name for row in rows)}")


def _validation(group: RunGroup, metric: str) -> float:
    return float(np.mean([run.hits["val"].value(metric).mean() for run in group.runs if "val" in run.hits]))


def _compared(
    rows: Sequence[Contender],
    baseline: Contender,
    *,
    metric: str,
    split: str,
    correction: str,
    tests: Sequence[str],
) -> Comparison:
    ordered = sorted(rows, key=lambda row: -row.values.mean())
    others = [row for row in ordered if row is not baseline]
    against = [paired_difference(row.values, baseline.values, tests=tests) for row in others]
    adjusted = CORRECTIONS[correction](np.array([found.p[tests[0]] for found in against]))
    differences = {row.name: (found, float(p)) for row, found, p in zip(others, against, adjusted, strict=True)}
    values = np.stack([row.values for row in ordered], axis=1)
    several = len(ordered) > 2
    letters = same_letters(pairwise_p(values, correction=correction) < LEVEL) if several else [""] * len(ordered)
    return Comparison(
        dataset=baseline.group.runs[0].report.dataset,
        metric=metric,
        split=split,
        users=baseline.values.size,
        baseline=baseline.name,
        correction=correction,
        tests=list(tests),
        rows=[
            _row(row, baseline, *differences.get(row.name, (None, None)), group=group)
            for row, group in zip(ordered, letters, strict=True)
        ],
        anova=repeated_anova(values) if several else None,
    )


def _row(row: Contender, baseline: Contender, against: Any, adjusted: float | None, *, group: str) -> ComparedRow:
    error = seed_error(row.deviation, len(row.by_seed), baseline.deviation, len(baseline.by_seed))
    return ComparedRow(
        name=row.name,
        seeds=row.group.seeds,
        mean=float(row.values.mean()),
        deviation=row.deviation,
        against=against,
        adjusted=adjusted,
        by_seed=None if against is None else error,
        group=group,
    )
