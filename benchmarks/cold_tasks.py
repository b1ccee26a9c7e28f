"""How well new users and items are served: recall@20 of what was held out of a cold split."""

from collections.abc import Callable, Sequence

import torch
from cold_split import ColdSplit, Pairs
from torch import Tensor

from mmgraph.evaluation.metrics import recall
from mmgraph.evaluation.pairs import PairSet

Scores = Callable[[Tensor], Tensor]
"""Users' rows to scores of all items, old and new, ``(users, items)``; nothing of the result is kept."""
K = 20
CHUNK = 256
USERS, ALL, COLD, WARM, ALONE = "cold users", "cold items, all", "cold items, cold", "warm, all", "warm, old"


def judge(split: ColdSplit, scores: Scores) -> dict[str, float]:
    """Recall@20 of cold users (among old items), of cold items among all and among cold ones, and of warm test pairs.

    The given half of new items' interactions counts as had, whether or not it was made use of: so there is the same to
    find in either case.
    """
    old_items = torch.arange(split.all_items) < split.num_items
    everything = torch.ones_like(old_items)
    seen = [split.old["train"], split.old["val"], split.given_items]
    had = [*seen, split.old["test"]]
    return {
        USERS: mean_recall(split, scores, [split.given_users], split.held_users, old_items),
        ALL: mean_recall(split, scores, had, split.held_items, everything),
        COLD: mean_recall(split, scores, had, split.held_items, ~old_items),
        WARM: mean_recall(split, scores, seen, split.old["test"], everything),
        ALONE: mean_recall(split, scores, seen, split.old["test"], old_items),
    }


def mean_recall(split: ColdSplit, scores: Scores, had: Sequence[Pairs], wanted: Pairs, candidates: Tensor) -> float:
    """The mean over users of the share of ``wanted`` in their first 20 ``candidates``, without what they had.

    Items of equal score stand in an order drawn once: those with low numbers, which are often old, gain nothing.
    """
    sizes = {"num_users": split.all_users, "num_items": split.all_items}
    known = PairSet.of(had, **sizes)
    targets = PairSet.of([wanted], **sizes)
    order = torch.randperm(split.all_items, generator=torch.Generator().manual_seed(0))
    values = []
    for user in targets.users().split(CHUNK):
        score = scores(user).float().clone()
        score[known.entries(user)] = -torch.inf
        score[:, ~candidates] = -torch.inf
        value, place = score[:, order].topk(K)
        hits = targets.contains(user, order[place]) & (value > -torch.inf)
        values.append(recall(hits, targets.counts(user)))
    return float(torch.cat(values).mean())
