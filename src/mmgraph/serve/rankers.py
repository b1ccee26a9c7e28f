"""Lists for users, and for people who are no users yet but have a history of items."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import nn

from mmgraph.evaluation.evaluator import evaluation_mode
from mmgraph.extension import Histories
from mmgraph.models import Recommender
from mmgraph.models.scoring import Scorer
from mmgraph.serve.index import ItemIndex
from mmgraph.serve.ranked import Ranked, best
from mmgraph.typing import Encoding

LeftOut = Sequence[Sequence[np.ndarray]]
"""For each list, rows of items that must not be in it."""


class NotOfferedError(ValueError):
    """What the model of a run cannot do."""


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
    """Ranks by inner products of final vectors.

    Args:
        users: ``(users, dim)`` float32, may be memory-mapped.
        items: ``(items, dim)`` float32, likewise.
        histories: makes vectors of people who are no users yet.
        index: finds most of the best items without looking at all; None looks at all.
    """

    def __init__(
        self, users: np.ndarray, items: np.ndarray, histories: Histories, index: ItemIndex | None = None
    ) -> None:
        self.users = users
        self.items = items
        self.histories = histories
        self.index = index

    def for_users(self, users: np.ndarray, k: int, left_out: LeftOut) -> list[Ranked]:
        """The k best items for each of some users."""
        return self._lists(self.users[users], k, left_out)

    def for_histories(self, histories: Sequence[np.ndarray], k: int, left_out: LeftOut) -> list[Ranked]:
        """The k best items for people who have these items."""
        return self._lists(encode(self.histories, histories).user.numpy(), k, left_out)

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
    """Ranks by whatever scores a model gives.

    Args:
        scorer: gives them.
        encoding: what the model made of users and items, on the CPU.
        histories: encodes people who are no users yet; None where the model has no use for a history.
    """

    def __init__(self, scorer: Scorer | Recommender, encoding: Encoding, histories: Histories | None) -> None:
        self.scorer = scorer
        self.encoding = encoding
        self.histories = histories

    def for_users(self, users: np.ndarray, k: int, left_out: LeftOut) -> list[Ranked]:
        """The k best items for each of some users."""
        return self._lists(self.encoding, users, k, left_out)

    def for_histories(self, histories: Sequence[np.ndarray], k: int, left_out: LeftOut) -> list[Ranked]:
        """The k best items for people who have these items.

        Raises:
            NotOfferedError: if a history says nothing to the model.
        """
        if self.histories is None:
            raise NotOfferedError("a history says nothing to this run's model: it knows the users of its training only")
        return self._lists(encode(self.histories, histories), np.arange(len(histories)), k, left_out)

    def _lists(self, encoding: Encoding, users: np.ndarray, k: int, left_out: LeftOut) -> list[Ranked]:
        mode = evaluation_mode(self.scorer) if isinstance(self.scorer, nn.Module) else nullcontext()
        with torch.no_grad(), mode:
            scores = self.scorer.score(encoding, torch.from_numpy(users)).float().numpy()
        return [best(row, k, left_out=gone) for row, gone in zip(scores, left_out, strict=True)]


def encode(histories: Histories, items: Sequence[np.ndarray]) -> Encoding:
    """What becomes of people who have these items, rows of each."""
    owners = np.repeat(np.arange(len(items)), [len(rows) for rows in items])
    pairs = np.stack([owners, np.concatenate(items)])
    return histories.encode(torch.from_numpy(pairs), len(items))
