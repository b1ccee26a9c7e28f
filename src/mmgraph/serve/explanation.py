"""Where a recommendation came from: items of the history that are like it, and modalities in which it is near."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from mmgraph.serve.features import FeatureTable, unit
from mmgraph.serve.ranked import Ranked, in_order

_SAMPLE = 512


class Modality(NamedTuple):
    """How an item's features of one modality lie to those of a history.

    Attributes:
        cosine: between the item's features and the mean direction of the history's.
        closer_than: the share of all other items (of a sample of them) whose cosine is smaller.
    """

    cosine: float
    closer_than: float


def neighbors(vectors: np.ndarray, history: np.ndarray, item: int, *, count: int) -> Ranked:
    """The items of a history whose final vectors have the largest cosine with that of ``item``.

    Args:
        vectors: ``(items, dim)``.
        history: rows of items.
        item: a row.
        count: how many.

    Example:
        >>> vectors = np.array([[1, 0], [1, 1], [0, 1]], dtype=np.float32)
        >>> neighbors(vectors, np.array([0, 1]), 2, count=1).items
        array([1])
    """
    others = history[history != item]
    return in_order(others, unit(vectors[others]) @ unit(vectors[item]), count)


def modalities(features: Mapping[str, FeatureTable], history: np.ndarray, item: int) -> dict[str, Modality]:
    """How near an item is to a history in each modality that both have.

    Args:
        features: by name of the modality.
        history: rows of items.
        item: a row.

    Example:
        >>> text = FeatureTable(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
        >>> modalities({"text": text}, np.array([0]), 1)
        {'text': Modality(cosine=1.0, closer_than=1.0)}
    """
    others = history[history != item]
    return {name: found for name, table in features.items() if (found := _modality(table, others, item)) is not None}


def _modality(table: FeatureTable, history: np.ndarray, item: int) -> Modality | None:
    direction = unit(table.directions(history).sum(axis=0))
    own = table.directions(np.array([item]))[0]
    if not direction.any() or not own.any():
        return None
    cosine = own @ direction
    rows = np.setdiff1d(np.arange(0, len(table), -(-len(table) // _SAMPLE)), [item, *history])
    sample = table.directions(rows)
    others = sample[sample.any(axis=1)] @ direction
    return Modality(float(cosine), float((others < cosine).mean()) if others.size else 1.0)
