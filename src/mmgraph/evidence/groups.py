"""Any metric by groups of users or of items, from finished runs."""

import math
import statistics
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from mmgraph.evidence.analyses.base import Analysis, Row, Runs, by_name, opened
from mmgraph.evidence.figures import PICTURES, write_picture
from mmgraph.evidence.finished import FinishedRun, RunGroup
from mmgraph.evidence.given_groups import given_groups
from mmgraph.evidence.group_views import ENDINGS, draw_groups, write_tables
from mmgraph.evidence.grouping import Grouping, by_bounds, by_size, by_text, head_and_tail, warm_and_cold
from mmgraph.evidence.item_groups import Found, found_by_group
from mmgraph.pipeline.result import Run

Bins = int | Sequence[int]
_NUM_GROUPS = 4
_HALF = 1.959964
"""Half the width of a 95% interval, in standard errors."""
_WORDS = ("activity", "popularity", "cold")


def groups(
    *runs: Runs,
    by: str | Path | Mapping[Any, str] = "activity",
    metric: str = "recall@20",
    bins: Bins | None = None,
    split: str = "test",
    out: str | None = None,
    figure: str | None = None,
) -> Analysis:
    """A metric of single users by groups: how good a run is, and for whom, or at finding what.

    Of users a group's value is the mean over them. Of items it is the mean over the users who have a held-out item in
    the group, and counts the hits among these items alone; the lists are those of the whole ranking, made again.

    Args:
        *runs: one or more, on the same split of the same data: what ``mmgraph.run`` gave, folders of runs, or folders
            that hold some at any depth. Runs that differ in their seed alone share a row.
        by: ``"activity"``: users by their number of train interactions; ``"popularity"``: items likewise; ``"cold"``:
            users, and items, with a train interaction and without; a column of ``items.tsv``, such as ``"category"``; a
            mapping of users' ids to groups, or a file of them (``.csv`` or ``.tsv`` with columns ``user`` and
            ``group``).
        metric: with a value for each user, such as ``"recall@20"`` or ``"ndcg@10"``.
        bins: of activity and popularity: how many groups, of about equally many ranked users or items, or the largest
            number of interactions of each; by default four groups of users, the most popular fifth of the items and the
            rest.
        split: ``"test"`` or ``"val"``.
        out: a file to write, ``NAME.md``, ``NAME.csv`` or ``NAME.json``.
        figure: a picture to write, ``NAME.svg`` or ``NAME.png`` (needs the extra ``evidence``).

    Returns:
        A table of groups, or one of users and one of items.

    Raises:
        ValueError: for runs on different splits, or a word, a metric or bins that cannot be right.
        FileNotFoundError: if there is no finished run, or no such file.

    Example:
        >>> import mmgraph as mm
        >>> run = mm.run("popularity", mm.Synthetic(num_users=60, num_items=60), verbose=False)
        >>> [row["group"] for row in groups(run, by="popularity").rows("items by popularity")]
        ['head', 'tail']
    """
    _check_endings({"out": (out, ENDINGS), "figure": (figure, PICTURES)})
    named = by_name(runs[0] if len(runs) == 1 else cast(Runs, runs))
    _check_split(named)
    if bins is not None and by not in ("activity", "popularity"):
        raise ValueError(f"bins={bins} divide by=activity and by=popularity; by={by} has groups of its own")
    first = opened(next(iter(named.values())).runs[0])
    tables = [
        (title, _rows(named, kind, grouping, metric, split))
        for title, kind, grouping in _groupings(first, by, bins, split)
    ]
    found = Analysis(
        title=f"{split} {metric} by {by if isinstance(by, str | Path) else 'given groups'}",
        tables=tables,
        draw=partial(draw_groups, tables=tables, metric=metric),
        notes=_notes(tables, metric, named),
        size=(6.4, 3.2 * len(tables)),
    )
    if out is not None:
        write_tables(tables, found.notes, metric, Path(out))
    if figure is not None:
        write_picture(found.figure(), Path(figure))
    return found


def _check_endings(files: Mapping[str, tuple[str | None, Sequence[str]]]) -> None:
    """Before anything is ranked: a mistyped name must not cost a ranking."""
    for word, (path, allowed) in files.items():
        if path is not None and Path(path).suffix not in allowed:
            raise ValueError(f"{word}={path}: must end in {', '.join(allowed)}")


def _check_split(named: Mapping[str, RunGroup]) -> None:
    hashes = {group.runs[0].report.split_hash: name for name, group in named.items()}
    if len(hashes) > 1:
        raise ValueError(
            f"the runs {', '.join(hashes.values())} are on different splits, so that their groups are of other users: "
            "give runs on one split of one data set"
        )


def _groupings(
    run: Run, by: str | Path | Mapping[Any, str], bins: Bins | None, split: str
) -> list[tuple[str, str, Grouping]]:
    """Title, kind of node and groups of each table."""
    serving = run.serving
    train = serving.known["train"]
    of_user = train.counts(torch.arange(len(serving.users)))
    of_item = train.item.bincount(minlength=train.num_items)
    if isinstance(by, Mapping | Path) or Path(by).suffix in (".csv", ".tsv"):
        return [("users by given groups", "user", by_text(given_groups(by, serving.users)))]
    if by == "activity":
        ranked = serving.known[split].users()
        return [("users by activity", "user", _binned(of_user, _NUM_GROUPS if bins is None else bins, ranked))]
    if by == "popularity":
        divided = head_and_tail(of_item) if bins is None else _binned(of_item, bins, torch.arange(of_item.numel()))
        return [("items by popularity", "item", divided)]
    if by == "cold":
        return [
            ("users, warm and cold", "user", warm_and_cold(of_user)),
            ("items, warm and cold", "item", warm_and_cold(of_item)),
        ]
    if by not in serving.columns:
        columns = ", ".join(serving.columns) or "(there are none)"
        raise ValueError(
            f"by={by} must be one of {', '.join(_WORDS)}, a file .csv or .tsv, or a column of the items: {columns}"
        )
    return [(f"items by {by}", "item", by_text(list(serving.columns[by])))]


def _binned(counts: Tensor, bins: Bins, of: Tensor) -> Grouping:
    return by_size(counts, bins, of=of) if isinstance(bins, int) else by_bounds(counts, bins)


def _rows(named: Mapping[str, RunGroup], kind: str, grouping: Grouping, metric: str, split: str) -> list[Row]:
    """A row for each group and run."""
    rows = []
    for name, runs in named.items():
        found = [_found(run, kind, grouping, metric, split) for run in runs.runs]
        for place, group in enumerate(grouping.names):
            rows.append(_row(group, name, [of_run[place] for of_run in found], kind, metric, runs.seeds))
    return sorted(rows, key=lambda row: grouping.names.index(row["group"]))


def _found(run: FinishedRun, kind: str, grouping: Grouping, metric: str, split: str) -> list[Found]:
    if kind == "item":
        return found_by_group(opened(run), grouping, split=split, metric=metric)
    if split not in run.hits:
        raise ValueError(f"split must be one that the run's evaluator ranks, {sorted(run.hits)}; got {split!r}")
    hits = run.hits[split]
    value = hits.value(metric)
    label = grouping.label[hits.user]
    return [_of_users(value[label == place], hits.relevant[label == place]) for place in range(len(grouping.names))]


def _of_users(value: Tensor, relevant: Tensor) -> Found:
    if not value.numel():
        return Found(0, 0, None, None)
    deviation = float(value.std()) if value.numel() > 1 else 0.0
    return Found(value.numel(), int(relevant.sum()), float(value.mean()), deviation)


def _row(group: str, name: str, found: list[Found], kind: str, metric: str, seeds: list[int]) -> Row:
    """The mean over seeds; the interval is that of the users, the deviation that of the seeds."""
    means = [one.mean for one in found if one.mean is not None]
    errors = [_HALF * one.deviation / math.sqrt(one.users) for one in found if one.deviation is not None]
    return {
        "group": group,
        "users": found[0].users,
        "targets": found[0].targets,
        "run": name,
        metric: statistics.mean(means) if means else None,
        "interval": statistics.mean(errors) if errors else None,
        "deviation": statistics.stdev(means) if len(means) > 1 else None,
        "seeds": seeds,
    }


def _notes(tables: Sequence[tuple[str, list[Row]]], metric: str, named: Mapping[str, RunGroup]) -> list[str]:
    notes = [
        "interval: half the width of a 95% interval over users, by the normal approximation; deviation: over seeds."
    ]
    if any(title.startswith("items") for title, _ in tables):
        notes.append(
            f"Of items, {metric} counts the hits among a group's held-out items alone, over the users who have one; a "
            "group's value is not a share of the whole."
        )
    few = [row["group"] for _, rows in tables for row in rows if row["users"] < 30 and row["run"] == next(iter(named))]
    if few:
        notes.append(f"Fewer than 30 users stand behind: {', '.join(few)}. Nothing should be read into these.")
    return notes
