"""What the page shows of one group of runs, beside its row of the leaderboard."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from mmgraph.evidence.groups import groups
from mmgraph.evidence.page.attribution import attribution
from mmgraph.evidence.page.curves import curves
from mmgraph.evidence.page.items import Items
from mmgraph.evidence.page.maps import maps, smoothness_rows
from mmgraph.evidence.page.measures import Measures
from mmgraph.evidence.page.origin import origin
from mmgraph.evidence.page.people import chosen_users, people
from mmgraph.evidence.page.plain import short
from mmgraph.evidence.page.settings import settings
from mmgraph.pipeline.api import load
from mmgraph.pipeline.result import Run


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked for of each group.

    Args:
        metric: what is compared.
        users: ids of users to show; None: three that are drawn.
        k: length of their lists.
        images: folder of the items' pictures; None: there are none.
        maps: methods by which maps of the items are drawn.
    """

    metric: str
    users: Sequence[str] | None
    k: int
    images: Path | None
    maps: Sequence[str]


@dataclass
class DataSet:
    """What runs that can be compared share: which users are shown, and the items that are spoken of.

    Args:
        users: rows of the users; None before the first run that can say.
        items: the items.
    """

    users: Tensor | None = None
    items: Items | None = field(default=None)


def overview(measures: Measures, wanted: Wanted, notes: list[str]) -> dict[str, Any]:
    """What every group has.

    Args:
        measures: of the group.
        wanted: what is asked for.
        notes: gets a sentence for what cannot be shown.
    """
    group = measures.group
    try:
        attributed = attribution(group, wanted.metric)
    except ValueError as error:
        attributed = None
        notes.append(str(error))
    return {
        "settings": settings(group.runs[0].report),
        "curves": curves(group, wanted.metric),
        "metrics": measures.table(),
        "attribution": attributed,
        "origin": origin(group),
    }


def close_look(measures: Measures, shared: DataSet, wanted: Wanted, notes: list[str]) -> dict[str, Any]:
    """What needs the run's vectors: groups of users, lists of some, maps; by the first seed but for the groups.

    Args:
        measures: of the group.
        shared: with the runs it can be compared with.
        wanted: what is asked for.
        notes: gets a sentence where the vectors cannot be had.

    Raises:
        ValueError: if one of the users is not there.
    """
    first = measures.group.runs[0]
    try:
        run = load(first.folder)
        serving = run.serving
        if shared.items is None:
            shared.items = Items(serving, wanted.images)
    except (OSError, ValueError) as error:
        notes.append(f"{measures.group.name} on {first.report.dataset}: no lists, groups and maps ({error})")
        return {}
    if shared.users is None:
        shared.users = chosen_users(serving, wanted.users)
    return {
        "groups": _by_activity(measures, wanted.metric),
        "people": people(serving, first.report, shared.users, shared.items, k=wanted.k),
        **_look_of_vectors(run, shared.items, wanted),
    }


def _by_activity(measures: Measures, metric: str) -> list[list[Any]]:
    """Name, users, mean and half of the interval of each group of users."""
    if metric not in measures.values.get("test", {}):
        return []
    found = groups(measures.group.runs, by="activity", metric=metric).rows("users by activity")
    return [[row["group"], row["users"], short(row[metric]), short(row["interval"])] for row in found]


def _look_of_vectors(run: Run, items: Items, wanted: Wanted) -> dict[str, Any]:
    found = maps(run, items, wanted.maps)
    return {} if found is None else {"maps": found, "smoothness": smoothness_rows(run)}
