"""Makes docs/reproductions/DATASET/leaderboard.md: all finished runs on a data set, and who can be told apart.

    python benchmarks/leaderboard.py DATASET RUNS [--metric recall@20]

Runs that differ in their seed alone share a row. Rows are in the order of the test metric, which chose nothing:
settings are the authors' or were chosen on validation. Two rows that share a letter are not told apart by paired t
tests over users (means over seeds), adjusted over all pairs (Holm, 5 %).
"""

import argparse
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from attribution import cell, label, runs_on, write_page
from reproductions import ROOT

import mmgraph
from mmgraph.evidence.page.arena import arena
from mmgraph.evidence.page.leaderboard import minutes
from mmgraph.evidence.page.measures import Measures
from mmgraph.evidence.row_names import set_apart
from mmgraph.evidence.statistics.groups import pairwise_p, same_letters

LEVEL = 0.05
SECOND = "ndcg@20"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset")
    parser.add_argument("runs", type=Path)
    parser.add_argument("--metric", default="recall@20")
    args = parser.parse_args()
    measures = [Measures.of(group) for group in runs_on(args.dataset, args.runs)]
    ranked = sorted(comparable(measures), key=lambda found: -level(found, args.metric))
    lines = list(page(ranked, args.dataset, args.metric))
    write_page(ROOT, f"{args.dataset}/leaderboard.md", lines)


def comparable(measures: Sequence[Measures]) -> list[Measures]:
    """Those that ranked the same users in the arena that most have in common."""
    arenas = [arena(found.group.runs[0].report) for found in measures]
    usual = max(set(arenas), key=arenas.count)
    kept = [found for found, own in zip(measures, arenas, strict=True) if own == usual and "test" in found.users]
    first = kept[0].users["test"]
    return [found for found in kept if torch.equal(found.users["test"], first)]


def level(found: Measures, metric: str) -> float:
    return found.interval("test", metric).mean or 0.0


def page(ranked: Sequence[Measures], dataset: str, metric: str) -> Iterator[str]:
    values = np.stack([found.values["test"][metric].numpy() for found in ranked], axis=1)
    p = pairwise_p(values)
    letters = same_letters(p < LEVEL)
    groups = [found.group for found in ranked]
    labels = [label(group, more) for group, more in zip(groups, set_apart(groups), strict=True)]
    yield f"# Leaderboard: {dataset}"
    yield ""
    yield (
        f"{len(ranked)} rows over {len(values):,} users of one split; test {metric} orders them and chose nothing. "
        "Rows that share a letter are not told apart: paired t tests over users, on means over the seeds, "
        f"Holm over all {math.comb(len(ranked), 2):,} pairs, 5 %. Intervals are 95 %, over users; a deviation is over "
        "seeds. Minutes are those of one thread of a busy machine."
    )
    yield ""
    yield f"| model | seeds | validation {metric} | test {metric} | 95 % | letters | test {SECOND} | minutes |"
    yield "| -- | --: | --: | --: | --: | -- | --: | --: |"
    for found, name, same in zip(ranked, labels, letters, strict=True):
        yield row(found, name, metric, same)
    yield ""
    yield from told_apart(labels, p)
    ran = {group.runs[0].report.model for group in groups}
    if lacking := [model.name for model in mmgraph.list_models() if model.name not in ran]:
        yield ""
        yield f"Without a run here: {', '.join(lacking)}."


def row(found: Measures, name: str, metric: str, letters: str) -> str:
    test = found.interval("test", metric)
    cells = [
        name,
        str(len(found.group.seeds)),
        cell(found.group.metric("val", metric)),
        cell(found.group.metric("test", metric)),
        f"{test.low:.4f} to {test.high:.4f}",
        letters,
        cell(found.group.metric("test", SECOND)),
        f"{np.mean([minutes(run.report) or 0.0 for run in found.group.runs]):.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def told_apart(labels: Sequence[str], p: np.ndarray) -> Iterator[str]:
    """How many of all pairs are, and which rows the best one is not told apart from."""
    pairs = math.comb(len(labels), 2)
    apart = int((p < LEVEL).sum()) // 2
    equal = [name for name, value in zip(labels[1:], p[0, 1:], strict=True) if value >= LEVEL]
    yield f"Of {pairs:,} pairs {apart:,} are told apart."
    if equal:
        yield ""
        yield f"The first row is not told apart from: {', '.join(equal)}."


if __name__ == "__main__":
    main()
