"""The items' features, where the data set still lies: they show in which modalities a recommendation is near."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mmgraph.datasets.features import MASK_SUFFIX, SUFFIX, find_modalities
from mmgraph.reading import open_array, open_matrix


class FeatureTable:
    """Features of one modality, which stay on the disk until they are asked for.

    Args:
        x: ``(items, dim)``; a row of zeros or NaN is of an item without the modality.
        has: ``(items,)`` bool, False where an item lacks it; None where all have it.

    Example:
        >>> FeatureTable(np.array([[3.0, 4.0], [1.0, 0.0]]), np.array([True, False])).directions(np.array([0, 1]))
        array([[0.6, 0.8],
               [0. , 0. ]], dtype=float32)
    """

    def __init__(self, x: np.ndarray, has: np.ndarray | None = None) -> None:
        self.x = x
        self.has = has

    def __len__(self) -> int:
        return len(self.x)

    def directions(self, rows: np.ndarray) -> np.ndarray:
        """The features of some items, ``(rows, dim)``, each of length 1, or 0 where an item lacks the modality."""
        x = np.nan_to_num(np.asarray(self.x[rows], dtype=np.float32))
        if self.has is not None:
            x[~self.has[rows]] = 0
        return unit(x)


def unit(x: np.ndarray) -> np.ndarray:
    """Vectors of length 1; those of length 0 stay as they are.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    return np.asarray(x / np.where(length > 0, length, 1))


def find_features(dataset: Mapping[str, Any], *, num_items: int) -> dict[str, FeatureTable]:
    """Maps the features of a run's data set; none where it lies elsewhere now, or numbers its items otherwise.

    Args:
        dataset: the run's settings of it.
        num_items: of the run.
    """
    root = Path(dataset.get("root") or "")
    if not dataset.get("root") or not root.is_dir():
        return {}
    found = {}
    for name in dataset.get("modalities") or find_modalities(root):
        path = root / f"{name}{SUFFIX}"
        if path.is_file() and len(x := open_matrix(path)) == num_items:
            mask = root / f"{name}{MASK_SUFFIX}"
            found[name] = FeatureTable(x, open_array(mask) if mask.is_file() else None)
    return found
