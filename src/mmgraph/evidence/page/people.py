"""Some users: what they had, what was recommended, what was hidden."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from mmgraph.evidence.page.arena import left_out
from mmgraph.evidence.page.items import Items
from mmgraph.evidence.page.plain import short
from mmgraph.pipeline.listing import for_users
from mmgraph.pipeline.report import RunReport
from mmgraph.pipeline.serving import Serving

_DRAWN = 3
_DRAWN_BY = 0
_MOST_USERS = 20
_MOST_HAD = 24
_MOST_HIDDEN = 40


def chosen_users(serving: Serving, users: Sequence[str] | None) -> Tensor:
    """Rows of the users to show: those named, or three with test interactions, drawn by a fixed seed.

    Raises:
        ValueError: for an id that is not there, or more users than a page can show.
    """
    if users is not None:
        if len(users) > _MOST_USERS:
            raise ValueError(f"users: a page shows at most {_MOST_USERS}, got {len(users)}")
        return serving.users.rows(list(users), name="users")
    tested = serving.known["test"].users()
    generator = torch.Generator().manual_seed(_DRAWN_BY)
    return tested[torch.randperm(tested.numel(), generator=generator)[:_DRAWN]]


def people(serving: Serving, report: RunReport, users: Tensor, items: Items, *, k: int) -> list[dict[str, Any]]:
    """What there is to show of each user; items by the rows that ``items`` names.

    Args:
        serving: of the run.
        report: of the run; lists leave out what its test ranking left out.
        users: rows.
        items: is told which items are spoken of.
        k: length of the lists.
    """
    had = left_out(report)
    listing = for_users(serving, serving.users.ids(users).tolist(), k=k, exclude=had)
    lists = [(scores, rows) for _, scores, rows in listing.chunks()]
    scores, rows = (torch.cat(parts) for parts in zip(*lists, strict=True))
    known = serving.known_in(had)
    return [
        {"user": str(serving.users.ids(user.view(1)).tolist()[0])}
        | _of_user(
            items,
            had=known.entries(user.view(1))[1],
            hidden=serving.known["test"].entries(user.view(1))[1],
            recommended=rows[place][rows[place] >= 0],
            scores=scores[place],
        )
        for place, user in enumerate(users)
    ]


def _of_user(items: Items, *, had: Tensor, hidden: Tensor, recommended: Tensor, scores: Tensor) -> dict[str, Any]:
    rank = {row: place + 1 for place, row in enumerate(recommended.tolist())}
    held_out = set(hidden.tolist())
    return {
        "had": items.refer(had[:_MOST_HAD]),
        "had_in_all": had.numel(),
        "recommended": [
            [row, short(score), row in held_out]
            for row, score in zip(items.refer(recommended), scores.tolist(), strict=False)
        ],
        "hidden": [[row, rank.get(row)] for row in items.refer(hidden[:_MOST_HIDDEN])],
        "hidden_in_all": hidden.numel(),
    }
