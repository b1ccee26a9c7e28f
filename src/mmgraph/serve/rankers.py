"""Lists for users, and for people who are no users yet but have a history of items."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import nn

from mmgraph.evaluation.evaluator import evaluation_mode
from mmgraph.pipeline.serving import Serving
from mmgraph.serve.index import ItemIndex
from mmgraph.serve.ranked import Ranked, best


class NotOfferedError(ValueError):
    """What the model of a run cannot do."""


LeftOut = Sequence[Sequence[np.ndarray]]
"""For each list, rows of items that must not be in it."""
_FITTED_ON = 4096


@runtime_checkable
class Ranker(Protocol):
    """What makes lists."""

    def for_users(self, users: np.ndarray, k: int, left_out: LeftOut) -> list[Ranked]:
        """The k best items for each of some users, given by row."""
        ...

    def for_histories(self, histories: Sequence[np.ndarray], k: int, left_out: LeftOut) -> list[Ranked]:
        """The k best items for people who have these items, given by row.

        Raises:
            NotOfferedError: if the model cannot.
        """
        ...


class VectorRanker:
    """Ranks by inner products of final vectors; a history's vector is the mean of its items', times one number.

    Args:
        users: ``(users, dim)`` float32, may be memory-mapped.
        items: ``(items, dim)`` float32, likewise.
        scale: the number, see :func:`fitted_scale`.
        index: finds most of the best items without looking at all; None looks at all.

    Example:
        >>> ranker = VectorRanker(np.ones((1, 2), np.float32), np.eye(2, dtype=np.float32), scale=2.0)
        >>> ranker.for_histories([np.array([1])], 1, [[]])[0]
        Ranked(items=array([1]), scores=array([2.], dtype=float32))
    """

    def __init__(self, users: np.ndarray, items: np.ndarray, *, scale: float, index: ItemIndex | None = None) -> None:
        self.users = users
        self.items = items
        self.scale = np.float32(scale)
        self.index = index

    def for_users(self, users: np.ndarray, k: int, left_out: LeftOut) -> list[Ranked]:
        """The k best items for each of some users."""
        return self._lists(self.users[users], k, left_out)

    def for_histories(self, histories: Sequence[np.ndarray], k: int, left_out: LeftOut) -> list[Ranked]:
        """The k best items for people who have these items."""
        return self._lists(np.stack([self.vector_of(rows) for rows in histories]), k, left_out)

    def vector_of(self, history: np.ndarray) -> np.ndarray:
        """The vector ``(dim,)`` of somebody who has these items."""
        return np.asarray(self.scale * self.items[history].mean(axis=0))

    def _lists(self, vectors: np.ndarray, k: int, left_out: LeftOut) -> list[Ranked]:
        if self.index is not None:
            return [self._by_index(vector, k, gone) for vector, gone in zip(vectors, left_out, strict=True)]
        scores = vectors @ self.items.T
        return [best(row, k, left_out=gone) for row, gone in zip(scores, left_out, strict=True)]

    def _by_index(self, vector: np.ndarray, k: int, gone: Sequence[np.ndarray]) -> Ranked:
        assert self.index is not None
        found = self.index.search(vector, k, left_out=gone)
        return found if found is not None else best(self.items @ vector, k, left_out=gone)


class ScoreRanker:
    """Ranks by whatever scores a model gives to its users.

    Args:
        serving: of the run, on the CPU.
    """

    def __init__(self, serving: Serving) -> None:
        self.serving = serving

    def for_users(self, users: np.ndarray, k: int, left_out: LeftOut) -> list[Ranked]:
        """The k best items for each of some users."""
        scorer = self.serving.scorer
        with torch.no_grad(), evaluation_mode(scorer) if isinstance(scorer, nn.Module) else nullcontext():
            scores = scorer.score(self.serving.encoding, torch.from_numpy(users)).float().numpy()
        return [best(row, k, left_out=gone) for row, gone in zip(scores, left_out, strict=True)]

    def for_histories(self, histories: Sequence[np.ndarray], k: int, left_out: LeftOut) -> list[Ranked]:
        """Is not offered: these models score the users that they were trained on.

        Raises:
            NotOfferedError: always.
        """
        raise NotOfferedError("this run's model has no vectors of users, so it ranks for no history of a new one")


def fitted_scale(users: np.ndarray, items: np.ndarray, indptr: np.ndarray, indices: np.ndarray) -> float:
    """The number that, times the mean of a user's items' vectors, comes nearest to users' vectors (least squares).

    Args:
        users: ``(users, dim)``.
        items: ``(items, dim)``.
        indptr: where each user's items begin in ``indices``.
        indices: rows of items.

    Example:
        >>> items = np.eye(2, dtype=np.float32)
        >>> fitted_scale(3 * items, items, np.array([0, 1, 2]), np.array([0, 1]))
        3.0
    """
    having = np.flatnonzero(np.diff(indptr))
    if not having.size:
        return 1.0
    sample = having[:: -(-having.size // _FITTED_ON)]
    means = np.stack([items[indices[indptr[user] : indptr[user + 1]]].mean(axis=0) for user in sample])
    square = float((means * means).sum())
    return float((users[sample] * means).sum()) / square if square > 0 else 1.0
