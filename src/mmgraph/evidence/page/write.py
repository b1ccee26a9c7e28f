"""Finished runs as a page that people look at."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import mmgraph
from mmgraph.evidence.finished import RunGroup, find_runs, group_by_seed
from mmgraph.evidence.page.details import DataSet, Wanted, close_look, overview
from mmgraph.evidence.page.html import page
from mmgraph.evidence.page.leaderboard import best_first, leaderboard
from mmgraph.evidence.page.maps import METHODS
from mmgraph.evidence.page.measures import Measures
from mmgraph.files import atomic_write
from mmgraph.pipeline.result import Run
from mmgraph.pipeline.run_folder import as_folder

Place = str | Path | Run
OnStep = Callable[[str, int, int], None]
_MOST_NOTES = 30


def write_report(
    runs: Place | Sequence[Place],
    *,
    out: str | Path = "report.html",
    metric: str = "recall@20",
    users: Sequence[str] | None = None,
    k: int = 10,
    images: str | Path | None = None,
    maps: Sequence[str] = ("pca", "tsne"),
    details: int = 12,
    on_step: OnStep | None = None,
) -> Path:
    """Writes one page of HTML about finished runs: a leaderboard, and all there is to see of each run.

    Runs that differ in their seed alone share a row. Intervals are Student's 95% intervals of means over users; runs
    that a paired t test over users (Holm's correction, 5%) does not tell apart from the best of their data set are
    marked. The page holds everything it needs, and names of folders, but no paths.

    Args:
        runs: folders of runs, or folders that hold some at any depth.
        out: the file.
        metric: what is compared, such as ``"recall@20"``.
        users: ids of users whose lists are shown; by default three with test interactions, drawn by a fixed seed.
        k: length of their lists.
        images: the folder of the pictures that the column ``image`` of ``items.tsv`` names.
        maps: how maps of the items' final vectors are drawn: some of ``pca``, ``tsne``, ``umap`` (its extra).
        details: how many runs of each data set, the best on validation, are looked at closely: lists, groups, maps.
        on_step: called with what was done, how much of it, and how much there is to do.

    Returns:
        The file.

    Raises:
        FileNotFoundError: if a folder is not there, or holds no finished run.
        ValueError: if no run has the metric, a user is not there, or a word cannot be right.
        ModuleNotFoundError: if a package is missing; names the extra.
        OSError: if the file cannot be written; what was there before is untouched.
    """
    wanted = Wanted(metric=metric, users=users, k=k, images=_images(images), maps=_methods(maps))
    if k < 1 or details < 0:
        raise ValueError(f"k must be at least 1 and details at least 0, got {k} and {details}")
    target = Path(out).expanduser()
    if target.suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"out={out}: must end in .html")
    step = on_step or (lambda what, done, total: None)
    content = _content(_found(runs), wanted, details, step)
    with atomic_write(target) as file:
        file.write(page("Runs", content))
    return target


def _content(groups: Sequence[RunGroup], wanted: Wanted, closely: int, step: OnStep) -> dict[str, Any]:
    """Blocks of the page's data by name."""
    measures = []
    for group in groups:
        measures.append(Measures.of(group))
        step("users' values", len(measures), len(groups))
    rows = leaderboard(measures, wanted.metric)
    notes = [f"{found.group.name}: no intervals ({found.missing})" for found in measures if found.missing]
    looked_at = _best_on_validation(rows, closely)
    shared: defaultdict[str, DataSet] = defaultdict(DataSet)
    content: dict[str, Any] = {}
    for done, (row, found) in enumerate(zip(rows, measures, strict=True), start=1):
        content[f"run-{row['slug']}"] = overview(found, wanted, notes)
        if row["slug"] in looked_at:
            content[f"run-{row['slug']}"] |= close_look(found, shared[row["arena"]], wanted, notes)
        step("runs", done, len(rows))
    content |= {f"items-{name}": one.items.plain() for name, one in shared.items() if one.items is not None}
    return {"board": _board(rows, notes, wanted.metric), **content}


def _best_on_validation(rows: Sequence[dict[str, Any]], count: int) -> set[str]:
    """Addresses of the best rows of each data set."""
    by_arena: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_arena[row["arena"]].append(row)
    ordered = [sorted(found, key=lambda row: -(row["val"][0] or 0.0)) for found in by_arena.values()]
    return {row["slug"] for found in ordered for row in found[:count]}


def _board(rows: Sequence[dict[str, Any]], notes: Sequence[str], metric: str) -> dict[str, Any]:
    more = len(notes) - _MOST_NOTES
    return {
        "metric": metric,
        "rows": sorted(rows, key=best_first),
        "notes": [*notes[:_MOST_NOTES], *([f"and {more:,} notes more"] if more > 0 else [])],
        "made": f"mmgraph {mmgraph.__version__}, {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
    }


def _found(runs: Place | Sequence[Place]) -> list[RunGroup]:
    places = [runs] if isinstance(runs, Place) else list(runs)
    if not places:
        raise ValueError("runs must name a folder or more")
    return group_by_seed(find_runs(place.folder if isinstance(place, Run) else place for place in places))


def _images(images: str | Path | None) -> Path | None:
    if images is None:
        return None
    folder = as_folder(images)
    if not folder.is_dir():
        raise FileNotFoundError(f"images={images}: there is no such folder")
    return folder


def _methods(maps: Sequence[str]) -> list[str]:
    unknown = [name for name in maps if name not in METHODS]
    if unknown or isinstance(maps, str):
        raise ValueError(f"maps={maps}: must be a list of {', '.join(METHODS)}, [] draws none")
    return list(maps)
