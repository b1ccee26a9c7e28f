"""Scales features and fills the rows of items that lack a modality, in the memory they lie in."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float32

from mmgraph.datasets.features import Modality
from mmgraph.reading import row_blocks

MISSING = ("mean", "zero", "graph")


def prepare(modality: Modality, *, steps: Sequence[str], missing: str) -> Modality:
    """Scales the rows that are there, then fills the others; all of it in place, for features are large.

    Args:
        modality: as read; its ``x`` is changed.
        steps: names of :data:`SCALINGS`, applied in this order; their statistics come from the rows that are there.
        missing: what an item without the modality gets: ``"mean"`` of the scaled rows (as in MMRec's files), also where
            neighbours are to take its place (``"graph"``), or ``"zero"``.

    Example:
        >>> x = np.array([[3, 4], [0, 2], [np.nan, np.nan]], dtype=np.float32)
        >>> prepare(Modality(x, np.array([True, True, False])), steps=["l2"], missing="mean").x
        array([[0.6, 0.8],
               [0. , 1. ],
               [0.3, 0.9]], dtype=float32)
    """
    x = modality.x
    has = np.ones(len(x), dtype=np.bool_) if modality.has is None else modality.has
    x[~has] = 0
    for step in steps:
        SCALINGS[step](x, has)
    if missing != "zero":
        x[~has] = _mean(x, has)
    return modality


def scaling_steps(features: str | Mapping[str, str | Sequence[str]], found: Sequence[str]) -> dict[str, list[str]]:
    """Spells out the ``features`` option: for every modality the scalings to apply, in order.

    Raises:
        ValueError: a scaling or a modality is not known.

    Example:
        >>> scaling_steps({"audio": ["standardize", "l2"]}, ["audio", "text"])
        {'audio': ['standardize', 'l2'], 'text': ['raw']}
    """
    by_name = dict.fromkeys(found, features) if isinstance(features, str) else features
    if unknown := sorted(set(by_name) - set(found)):
        raise ValueError(f"features: unknown modality {unknown}; the folder has {list(found)}")
    chosen = {name: by_name.get(name, "raw") for name in found}
    steps = {name: [value] if isinstance(value, str) else list(value) for name, value in chosen.items()}
    for name, names in steps.items():
        if unknown := [step for step in names if step not in SCALINGS]:
            raise ValueError(f"features.{name}: unknown scaling {unknown}; must be of {list(SCALINGS)}")
    return steps


def _raw(x: Float32[np.ndarray, "rows feat"], has: Bool[np.ndarray, "rows"]) -> None:
    """Leaves the features as they come."""


def _l2(x: Float32[np.ndarray, "rows feat"], has: Bool[np.ndarray, "rows"]) -> None:
    """Gives every row norm 1; a row of zeros stays."""
    norm = np.sqrt(np.einsum("ij,ij->i", x, x, dtype=np.float64))
    x /= np.where(norm > 0, norm, 1).astype(np.float32)[:, None]


def _standardize(x: Float32[np.ndarray, "rows feat"], has: Bool[np.ndarray, "rows"]) -> None:
    """Gives every column mean 0 and standard deviation 1; a constant column becomes 0."""
    x -= _mean(x, has)
    x[~has] = 0
    squares = np.zeros(x.shape[1])
    for rows in row_blocks(x):
        squares += np.square(x[rows]).sum(axis=0, dtype=np.float64)
    std = np.sqrt(squares / has.sum())
    x /= np.where(std > 0, std, 1).astype(np.float32)


SCALINGS = {"raw": _raw, "l2": _l2, "standardize": _standardize}


def _mean(x: Float32[np.ndarray, "rows feat"], has: Bool[np.ndarray, "rows"]) -> Float32[np.ndarray, "feat"]:
    """Mean over the rows that are there; the others are 0."""
    return (x.sum(axis=0, dtype=np.float64) / has.sum()).astype(np.float32)
