"""LGMRec, Fig. 3: models by the activity of users."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from mmgraph.evidence.analyses.base import Analysis, Row, Runs, by_name
from mmgraph.evidence.groups import groups

PAPER = (5, 10, 15, 20)
"""The largest number of interactions of each group, and one group beyond: 0-5 is named in the text; the others are read
as groups of the same width."""
USERS = "users by activity"
GAIN = "gain over the best of the others"
_FEWEST = 0.02


def analyse(
    runs: Runs, *, metric: str = "recall@20", bins: int | Sequence[int] | None = None, split: str = "test"
) -> Analysis:
    """A metric by groups of users with few and with many train interactions, and what the first model gains in each.

    Args:
        runs: by name; the model of the paper first.
        metric: with a value for each user.
        bins: as of :func:`mmgraph.groups`. By default the paper's groups, or five of about equally many users where
            some of the paper's would hold less than a fiftieth of the users.
        split: ``"test"`` or ``"val"``.

    Raises:
        ValueError: for runs on different splits, or a metric that has no value of single users.
    """
    named = by_name(runs)
    by_paper = {name: group.runs for name, group in named.items()}
    found = groups(by_paper, by="activity", metric=metric, bins=PAPER if bins is None else bins, split=split)
    notes = list(found.notes)
    if bins is None and _has_few(found.rows(USERS), next(iter(named))):
        found = groups(by_paper, by="activity", metric=metric, bins=len(PAPER) + 1, split=split)
        notes = [
            *found.notes,
            f"The paper's groups, ending with {', '.join(map(str, PAPER))}, leave some almost empty on this data set: "
            "these are groups of about equally many users.",
        ]
    gains = _gains(found.rows(USERS), metric)
    if not gains:
        return replace(found, notes=notes)
    return replace(found, tables=[*found.tables, (GAIN, gains)], notes=[*notes, *_summary(next(iter(named)), gains)])


def _has_few(rows: Sequence[Row], name: str) -> bool:
    users = [row["users"] for row in rows if row["run"] == name]
    return len(users) <= len(PAPER) or min(users) < _FEWEST * sum(users)


def _gains(rows: Sequence[Row], metric: str) -> list[Row]:
    """In each group, the first run beside the best of the others."""
    if max(Counter(row["group"] for row in rows).values()) < 2:
        return []
    found = []
    for group in dict.fromkeys(row["group"] for row in rows):
        first, *others = [row for row in rows if row["group"] == group and row[metric] is not None] or [{metric: None}]
        if not others:
            continue
        best = max(others, key=lambda row: row[metric])
        gain = first[metric] / best[metric] - 1 if best[metric] else None
        found.append({"group": group, "users": first["users"], "best_other": best["run"], "gain": gain})
    return found


def _summary(first: str, gains: Sequence[Row]) -> list[str]:
    """A sentence on where the first run gains; none where no group has a gain."""
    known = [row for row in gains if row["gain"] is not None]
    if not known:
        return []
    won = sum(row["gain"] > 0 for row in known)
    most = max(known, key=lambda row: row["gain"])
    return [
        f"{first} comes before all others in {won} of {len(known)} groups; its gain is largest in the group "
        f"{most['group']}: {most['gain']:+.2%}."
    ]
