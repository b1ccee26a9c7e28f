"""A run as it is served: everything that an answer is made of, never changed once it is loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mmgraph.serve.explanation import Modality, modalities, neighbors
from mmgraph.serve.features import FeatureTable
from mmgraph.serve.ids import IdLookup
from mmgraph.serve.items import ItemTable
from mmgraph.serve.ranked import Ranked, best
from mmgraph.serve.rankers import NotOfferedError, Ranker

_NOTHING = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class ServedRun:
    """What the service needs of a run, however it came by it.

    Args:
        name: what people call it: its folder.
        about: model, data set, seed, when it was made.
        users: their ids.
        items: their ids and columns.
        indptr: ``(users + 1,)``: where each user's known items begin in ``indices``.
        indices: rows of items.
        ranker: makes lists.
        vectors: the items' final vectors ``(items, dim)``; None where the model has none.
        features: the items' features by name of the modality, of those that are at hand.
    """

    name: str
    about: Mapping[str, Any]
    users: IdLookup
    items: ItemTable
    indptr: np.ndarray
    indices: np.ndarray
    ranker: Ranker
    vectors: np.ndarray | None
    features: Mapping[str, FeatureTable]

    def history(self, user: int) -> np.ndarray:
        """The rows of the items that a user has."""
        return self.indices[self.indptr[user] : self.indptr[user + 1]]

    @cached_property
    def num_havers(self) -> np.ndarray:
        """How many users have each item, ``(items,)``."""
        return np.bincount(self.indices, minlength=len(self.items))

    def for_users(
        self, users: np.ndarray, k: int, *, denied: np.ndarray = _NOTHING, known: bool = False
    ) -> list[Ranked]:
        """The k best items for each user.

        Args:
            users: rows.
            k: length of the lists.
            denied: rows of items that are in no list.
            known: whether lists may have items that the user has.
        """
        left_out = [[denied] if known else [self.history(user), denied] for user in users.tolist()]
        return self.ranker.for_users(users, k, left_out)

    def for_histories(
        self, histories: Sequence[np.ndarray], k: int, *, denied: np.ndarray = _NOTHING, known: bool = False
    ) -> list[Ranked]:
        """The k best items for people who have these items; see :meth:`for_users`."""
        left_out = [[denied] if known else [history, denied] for history in histories]
        return self.ranker.for_histories(histories, k, left_out)

    def similar(self, item: int, k: int) -> Ranked:
        """The k items whose final vectors have the largest cosine with that of ``item``.

        Raises:
            NotOfferedError: if the model's items are no vectors.
        """
        vectors = self._vectors()
        own = vectors[item] / self._lengths[item]
        return best(vectors @ own / self._lengths, k, left_out=[np.array([item])])

    def neighbors(self, history: np.ndarray, item: int, count: int) -> Ranked:
        """The items of a history that are most like ``item``; none where items are no vectors."""
        if self.vectors is None:
            return Ranked(_NOTHING, np.empty(0, dtype=np.float32))
        return neighbors(self.vectors, history, item, count=count)

    def modalities(self, history: np.ndarray, item: int) -> dict[str, Modality]:
        """How near ``item`` is to a history in each modality at hand."""
        return modalities(self.features, history, item)

    def _vectors(self) -> np.ndarray:
        if self.vectors is None:
            raise NotOfferedError("similar items need vectors of items, and this run's model has none")
        return self.vectors

    @cached_property
    def _lengths(self) -> np.ndarray:
        lengths = np.linalg.norm(self._vectors(), axis=1)
        return np.maximum(lengths, np.finfo(np.float32).tiny)
