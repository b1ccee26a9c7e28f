"""Full ranking of a process's users among items whose vectors lie with several processes."""

from collections.abc import Callable

import torch
from torch import Tensor

from mmgraph.evaluation.pairs import PairSet
from mmgraph.evaluation.ranking import Ranking, full_precision, score_users, top_k
from mmgraph.models.base import Recommender
from mmgraph.nn import find_sorted
from mmgraph.processes.partition import DividedRows, received_rows
from mmgraph.typing import Encoding

BLOCK_ITEMS = 2**14
"""Items that are scored at once; a chunk of 256 users then has 16 MiB of scores."""


def rank_by_blocks(
    model: Recommender,
    encoding: Encoding,
    user_idx: Tensor,
    items: DividedRows,
    *,
    known: PairSet,
    targets: PairSet,
    k: int,
    chunk_size: int,
    on_ranked: Callable[[int], object] | None = None,
) -> Ranking:
    """What :func:`~mmgraph.evaluation.ranking.rank` finds; every process must call it, whatever users it has.

    All items come by once, in blocks; of each user the k best so far are kept.

    Args:
        model: gives ``score`` of final vectors alone.
        encoding: this process's rows.
        user_idx: users to rank, counted from this process's first.
        items: who has which.
        known: pairs that are not ranked, of users counted likewise.
        targets: pairs that count as hits, of users counted likewise.
        k: length of the lists, at most the number of items.
        chunk_size: users scored at once, at the most.
        on_ranked: called with a number of users when so many are done.

    Raises:
        ConnectionError: if another process is gone; explains how to go on.
    """
    encoding = full_precision(encoding)
    best = torch.full((user_idx.numel(), k), -torch.inf, device=user_idx.device)
    item = torch.full((user_idx.numel(), k), -1, dtype=torch.int32, device=user_idx.device)
    with torch.autocast(user_idx.device.type, enabled=False):
        for (_, start, stop), vectors in received_rows(encoding.item, items, BLOCK_ITEMS):
            for rows in torch.arange(user_idx.numel()).split(chunk_size):
                scores = score_users(model, encoding._replace(item=vectors), user_idx[rows], stop - start)
                _leave_out(scores, known, user_idx[rows], start)
                value, place = top_k(scores, min(k, stop - start))
                both = torch.cat([best[rows], value], dim=1)
                best[rows], kept = both.topk(k)
                item[rows] = torch.cat([item[rows], (place + start).int()], dim=1).gather(1, kept)
    candidate = best != -torch.inf
    item.masked_fill_(~candidate, -1)
    hit = _contains(targets, user_idx, item) & candidate
    if on_ranked is not None:
        on_ranked(user_idx.numel())
    return Ranking(item, hit, best[:, 0].clone())


def _leave_out(scores: Tensor, known: PairSet, user: Tensor, start: int) -> None:
    row, item = known.entries(user)
    here = (item >= start) & (item < start + scores.size(1))
    scores[row[here], item[here] - start] = -torch.inf


def _contains(pairs: PairSet, user: Tensor, item: Tensor) -> Tensor:
    key = pairs.key  # made anew each time
    if not key.numel():
        return torch.zeros_like(item, dtype=torch.bool)
    return find_sorted(key, user.unsqueeze(1) * pairs.num_items + item)[1]
