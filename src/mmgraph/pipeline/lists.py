"""Lists of the best items, in bounded memory: what may stand in them, and how often things of a kind."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from mmgraph.evaluation.evaluator import evaluation_mode
from mmgraph.evaluation.pairs import PairSet
from mmgraph.evaluation.ranking import best_chunks
from mmgraph.models import Recommender
from mmgraph.models.scoring import Scorer
from mmgraph.typing import Encoding

CHUNK_SIZE = 256
_FETCHED = 4  # times as many items as are wanted, where some of them may have to go
_MOST_FETCHED = 2**20  # items of all users of a chunk


@dataclass(frozen=True)
class Choice:
    """What may stand in a list.

    Args:
        known: pairs that are left out.
        left_out: items that nobody gets; ``None``: there are none.
        group: the category of each item, as a number.
        at_most: how many of a category a list may have; ``None``: any number.
    """

    known: PairSet
    left_out: Bool[Tensor, " items"] | None = None
    group: Int[Tensor, " items"] | None = None
    at_most: int | None = None


def best_lists(
    scorer: Scorer | Recommender, encoding: Encoding, user_idx: Tensor, choice: Choice, *, k: int
) -> Iterator[tuple[slice, Tensor, Tensor]]:
    """Yields ``(rows of user_idx, scores, items)`` chunk by chunk; where no item is left, -inf and -1 stand.

    Args:
        scorer: gives the scores; a model is in evaluation mode meanwhile.
        encoding: what the model made of the graph.
        user_idx: the users to rank for, on the encoding's device.
        choice: what may stand in the lists, on any device.
        k: length of the lists.
    """
    device = encoding.item.device
    choice = Choice(
        choice.known.to(device),
        None if choice.left_out is None else choice.left_out.to(device),
        None if choice.group is None else choice.group.to(device),
        choice.at_most,
    )
    for start in range(0, user_idx.numel(), CHUNK_SIZE):
        rows = slice(start, min(start + CHUNK_SIZE, user_idx.numel()))
        # Whoever takes the lists one by one goes on with gradients and modes of their own in between.
        with torch.no_grad(), evaluation_mode(scorer) if isinstance(scorer, nn.Module) else nullcontext():
            scores, items = _best(scorer, encoding, user_idx[rows], choice, k)
        yield rows, scores.cpu(), items.where(scores != -torch.inf, -1).cpu()


def _best(
    scorer: Scorer | Recommender, encoding: Encoding, user_idx: Tensor, choice: Choice, k: int
) -> tuple[Tensor, Tensor]:
    if choice.at_most is None or choice.group is None:
        return _fetch(scorer, encoding, user_idx, choice, k)
    reach = min(k, _longest(choice.group, choice.left_out, choice.at_most))
    scores = torch.full((user_idx.numel(), k), -torch.inf, device=user_idx.device)
    items = torch.zeros_like(scores, dtype=torch.long)
    open_rows = torch.arange(user_idx.numel(), device=user_idx.device)
    fetched = k
    while open_rows.numel():
        fetched = min(_FETCHED * fetched, encoding.item.size(0))
        value, item = _fetch(scorer, encoding, user_idx[open_rows], choice, fetched)
        exhausted = value[:, -1].isneginf() | (fetched == encoding.item.size(0))
        value, item = thin_out(value, item, choice.group, at_most=choice.at_most, k=k)
        done = exhausted | ((value != -torch.inf).sum(1) >= reach)
        scores[open_rows[done]] = value[done]
        items[open_rows[done]] = item[done]
        open_rows = open_rows[~done]
    return scores, items


def _fetch(
    scorer: Scorer | Recommender, encoding: Encoding, user_idx: Tensor, choice: Choice, k: int
) -> tuple[Tensor, Tensor]:
    size = max(1, min(CHUNK_SIZE, _MOST_FETCHED // k))
    chunks = best_chunks(scorer, encoding, user_idx, known=choice.known, left_out=choice.left_out, k=k, chunk_size=size)
    _, scores, items = zip(*chunks, strict=True)
    return torch.cat(scores), torch.cat(items)


def _longest(group: Tensor, left_out: Tensor | None, at_most: int) -> int:
    """How long a list can become."""
    candidates = group if left_out is None else group[~left_out]
    return int(torch.bincount(candidates).clamp(max=at_most).sum())


def thin_out(
    scores: Float[Tensor, "users items"], items: Int[Tensor, "users items"], group: Tensor, *, at_most: int, k: int
) -> tuple[Float[Tensor, "users k"], Int[Tensor, "users k"]]:
    """The first k items of each list of which no category has more than ``at_most``; -inf where too few are left.

    Example:
        >>> thin_out(torch.tensor([[4.0, 3.0, 2.0]]), torch.tensor([[5, 6, 7]]), torch.tensor([0] * 7 + [1]),
        ...          at_most=1, k=2)
        (tensor([[4., 2.]]), tensor([[5, 7]]))
    """
    code = group[items]
    order = code.argsort(dim=1, stable=True)  # those of a category side by side, the better ones first
    sorted_code = code.gather(1, order)
    place = torch.arange(code.size(1), device=code.device).expand_as(code)
    begins = torch.ones_like(code, dtype=torch.bool)
    begins[:, 1:] = sorted_code[:, 1:] != sorted_code[:, :-1]
    nth = place - place.where(begins, 0).cummax(dim=1).values
    kept = torch.empty_like(begins).scatter(1, order, nth < at_most) & (scores != -torch.inf)
    first = (~kept).byte().argsort(dim=1, stable=True)[:, :k]
    return scores.gather(1, first).where(kept.gather(1, first), -torch.inf), items.gather(1, first)
