"""Full ranking: every item a user does not know yet, for many users, in bounded memory."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mmgraph.evaluation.pairs import PairSet
from mmgraph.evaluation.sampled_auc import sampled_auc
from mmgraph.models.base import Recommender
from mmgraph.models.scoring import Scorer
from mmgraph.typing import Encoding

ROW_MULTIPLE = 32
"""Users are scored in multiples of this many rows (the last ones repeat a user): BLAS sums in another order when rows
are few, and the last bit of a score, hence a near tie, must not depend on the chunk size (measured: CPU, to 512-d)."""
_NARROWEST_BLOCK = 8  # below it nothing is saved
MAX_SCORES = 2**26
"""Scores held at once, 256 MiB: where items are many, fewer users are scored at once than asked for."""


class Ranking(NamedTuple):
    """The first k items of each ranked user, best first.

    Attributes:
        item: ``(users, k)`` int32, -1 where a user has fewer than k candidates.
        hit: ``(users, k)`` bool, whether the item is one of the user's targets.
        best: ``(users,)`` score of the first item; NaN or +inf where any candidate's score is.
        auc: ``(users, ks)`` against sampled negatives; None where it was not asked for.
    """

    item: Tensor
    hit: Tensor
    best: Tensor
    auc: Tensor | None = None


def rank(
    model: Recommender,
    encoding: Encoding,
    user_idx: Tensor,
    *,
    known: PairSet,
    targets: PairSet,
    k: int,
    chunk_size: int,
    num_negatives: Sequence[int] = (),
    seed: int = 0,
    on_ranked: Callable[[int], object] | None = None,
) -> Ranking:
    """Ranks all items but the known ones for each user; exact ties stand in any order, the same one every time.

    Args:
        model: gives ``score(encoding, user_idx)``, a tensor of its own that is written to here.
        encoding: what the model made of the graph; half precision is widened to float32 and autocast is off.
        user_idx: users to rank, ``(users,)``, on the encoding's device.
        known: pairs that are not ranked; a score of -inf has the same meaning.
        targets: pairs that count as hits.
        k: length of the lists, at most the number of items.
        chunk_size: users scored at once, at the most; memory is a few times ``chunk_size * num_items`` floats, or a
            few times :data:`MAX_SCORES` where that is less (but for 32 users there is always room).
        num_negatives: for AUCs against samples, the sizes of these.
        seed: draws the samples.
        on_ranked: called after each chunk with its number of users.

    Raises:
        ValueError: if the model's scores are not ``(users, num_items)``.
    """
    # Room for the outcome first: small tensors kept from each chunk would lie between the large ones that are dropped,
    # and the process would hold gigabytes of holes.
    count = user_idx.numel()
    item = torch.empty(count, k, dtype=torch.int32, device=user_idx.device)
    best = torch.empty(count, device=user_idx.device)
    auc = torch.empty(count, len(num_negatives), dtype=torch.float64, device=user_idx.device) if num_negatives else None
    ranking = Ranking(item, torch.empty_like(item, dtype=torch.bool), best, auc)
    for rows, scores in _score_chunks(model, encoding, user_idx, known=known, chunk_size=chunk_size):
        value, best_items = top_k(scores, k)
        candidate = value != -torch.inf
        ranking.item[rows] = best_items.where(candidate, -1).int()
        ranking.hit[rows] = targets.contains(user_idx[rows], best_items) & candidate
        ranking.best[rows] = value[:, 0]
        if auc is not None:
            user = user_idx[rows]
            auc[rows] = sampled_auc(scores, user, known=known, targets=targets, ks=num_negatives, seed=seed)
        if on_ranked is not None:
            on_ranked(value.size(0))
    return ranking


def best_chunks(
    model: Recommender | Scorer,
    encoding: Encoding,
    user_idx: Tensor,
    *,
    known: PairSet,
    k: int,
    chunk_size: int,
    left_out: Bool[Tensor, " items"] | None = None,
) -> Iterator[tuple[slice, Tensor, Tensor]]:
    """Yields ``(rows of user_idx, scores, items)`` chunk by chunk, the k best items that are not known, best first.

    Where a user has fewer than k candidates, the last scores are -inf. ``left_out`` marks items that nobody is ranked;
    see :func:`rank` for the other arguments.
    """
    chunks = _score_chunks(model, encoding, user_idx, known=known, chunk_size=chunk_size, left_out=left_out)
    for rows, scores in chunks:
        yield rows, *top_k(scores, k)


def _score_chunks(
    model: Recommender | Scorer,
    encoding: Encoding,
    user_idx: Tensor,
    *,
    known: PairSet,
    chunk_size: int,
    left_out: Bool[Tensor, " items"] | None = None,
) -> Iterator[tuple[slice, Tensor]]:
    """Yields ``(rows of user_idx, scores of all items)``, -inf where an item is not ranked."""
    encoding = full_precision(encoding)
    fitting = max(1, MAX_SCORES // (ROW_MULTIPLE * known.num_items)) * ROW_MULTIPLE
    size = min(chunk_size, fitting)
    with torch.autocast(user_idx.device.type, enabled=False):
        for start in range(0, user_idx.numel(), size):
            rows = slice(start, start + size)
            user = user_idx[rows]
            scores = score_users(model, encoding, user, known.num_items)
            scores[known.entries(user)] = -torch.inf
            if left_out is not None:
                scores.masked_fill_(left_out, -torch.inf)
            yield rows, scores


def top_k(scores: Float[Tensor, "users items"], k: int) -> tuple[Float[Tensor, "users k"], Int[Tensor, "users k"]]:
    """``scores.topk(k)`` of each row, in about two thirds of its time where items are many; ties in another order.

    The k best items lie in the k blocks of items with the best maxima, so those are looked for first. Blocks of
    sqrt(items / k) leave the fewest numbers to compare.

    Example:
        >>> top_k(torch.tensor([[1.0, 3.0, 2.0]]), 2)
        (tensor([[3., 2.]]), tensor([[1, 2]]))
    """
    users, items = scores.shape
    width = 2 ** math.ceil(math.log2(items / k) / 2)
    if width < _NARROWEST_BLOCK:
        values, place = scores.topk(k)
        return values, place
    maxima = F.max_pool1d(scores.unsqueeze(1), width).squeeze(1)
    first = maxima.topk(k, sorted=False).indices.unsqueeze(-1) * width
    item = (first + torch.arange(width, device=scores.device)).flatten(1)
    behind_the_blocks = torch.arange(maxima.size(1) * width, items, device=scores.device)
    item = torch.cat([item, behind_the_blocks.expand(users, -1)], dim=1)
    values, place = scores.gather(1, item).topk(k)
    return values, item.gather(1, place)


def score_users(model: Recommender | Scorer, encoding: Encoding, user: Tensor, num_items: int) -> Tensor:
    """Scores of all items in ``encoding``, ``num_items`` of them, for some users.

    Raises:
        ValueError: if the model's scores are of another shape.
    """
    filler = user[:1].expand(-user.numel() % ROW_MULTIPLE)
    rows = torch.cat([user, filler])
    scores = model.score(encoding, rows)
    if scores.shape != (rows.numel(), num_items):
        raise ValueError(
            f"{type(model).__name__}.score must give one row a user and one column an item, "
            f"{(rows.numel(), num_items)}; got {tuple(scores.shape)}"
        )
    return scores[: user.numel()]


def full_precision(encoding: Encoding) -> Encoding:
    """The final vectors in float32, where they were in less."""
    return encoding._replace(user=_widened(encoding.user), item=_widened(encoding.item))


def _widened(x: Tensor) -> Tensor:
    return x.float() if x.dtype in (torch.bfloat16, torch.float16) else x
