"""Scales features and fills the rows of items that lack a modality, in the memory they lie in."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Float32

from mmgraph.datasets.features import Modality
from mmgraph.reading import row_blocks

MISSING = ("mean", "zero", "graph")


class Step(NamedTuple):
    """One scaling that features went through.

    Attributes:
        name: ``raw``, ``l2`` or ``standardize``.
        shift: what was taken from each column; ``None`` where nothing was.
        scale: what each column was divided by; ``None`` where nothing was.
    """

    name: str
    shift: Float32[np.ndarray, "feat"] | None = None
    scale: Float32[np.ndarray, "feat"] | None = None


class Scaling(NamedTuple):
    """What features went through, with the statistics of the items they were taken from.

    Attributes:
        steps: in order.
        fill: the row of an item that lacks the modality; ``None``: nothing was filled.
    """

    steps: tuple[Step, ...] = ()
    fill: Float32[np.ndarray, "feat"] | None = None


class Prepared(NamedTuple):
    """The features of one modality as models see them.

    Attributes:
        x: one row an item.
        has: which items have the modality; ``None`` when all do.
        scaling: what ``x`` went through.
    """

    x: Float[np.ndarray, "items feat"]
    has: Bool[np.ndarray, "items"] | None
    scaling: Scaling


def prepare(modality: Modality, *, steps: Sequence[str], missing: str) -> Prepared:
    """Scales the rows that are there, then fills the others; all of it in place, for features are large.

    Args:
        modality: as read; its ``x`` is changed.
        steps: names of :data:`SCALINGS`, applied in this order; their statistics come from the rows that are there.
        missing: what an item without the modality gets: ``"mean"`` of the scaled rows (as in MMRec's files), also where
            neighbours are to take its place (``"graph"``), or ``"zero"``.

    Returns:
        The same rows, and the statistics by which :func:`scale_rows` does the same to items that come later.

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
    done = tuple(SCALINGS[step](x, has) for step in steps)
    fill = np.zeros(x.shape[1], dtype=np.float32) if missing == "zero" else _mean(x, has)
    x[~has] = fill
    return Prepared(x, modality.has, Scaling(done, fill))


def scale_rows(x: Float32[np.ndarray, "rows feat"], scaling: Scaling) -> Float32[np.ndarray, "rows feat"]:
    """Further rows, scaled by the statistics of those before: nothing of these changes.

    Args:
        x: as they come, in the units of the first rows; a row that is all NaN is of an item that lacks the modality.
        scaling: what :func:`prepare` kept.

    Example:
        >>> first = Modality(np.array([[0], [2]], dtype=np.float32), None)
        >>> scaling = prepare(first, steps=["standardize"], missing="mean").scaling
        >>> scale_rows(np.array([[5], [np.nan]], dtype=np.float32), scaling)
        array([[4.],
               [0.]], dtype=float32)
    """
    lacking = np.isnan(x).all(axis=1)
    scaled = np.where(lacking[:, None], np.float32(0), x).astype(np.float32)
    for name, shift, scale in scaling.steps:
        if name == "l2":
            _l2(scaled, ~lacking)
        if shift is not None and scale is not None:
            scaled = (scaled - shift) / scale
    scaled[lacking] = 0 if scaling.fill is None else scaling.fill
    return scaled


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


def _raw(x: Float[np.ndarray, "rows feat"], has: Bool[np.ndarray, "rows"]) -> Step:
    """Leaves the features as they come."""
    return Step("raw")


def _l2(x: Float32[np.ndarray, "rows feat"], has: Bool[np.ndarray, "rows"]) -> Step:
    """Gives every row norm 1; a row of zeros stays."""
    norm = np.sqrt(np.einsum("ij,ij->i", x, x, dtype=np.float64))
    x /= np.where(norm > 0, norm, 1).astype(np.float32)[:, None]
    return Step("l2")


def _standardize(x: Float32[np.ndarray, "rows feat"], has: Bool[np.ndarray, "rows"]) -> Step:
    """Gives every column mean 0 and standard deviation 1; a constant column becomes 0."""
    mean = _mean(x, has)
    x -= mean
    x[~has] = 0
    squares = np.zeros(x.shape[1])
    for rows in row_blocks(x):
        squares += np.square(x[rows]).sum(axis=0, dtype=np.float64)
    std = np.sqrt(squares / has.sum())
    scale = np.where(std > 0, std, 1).astype(np.float32)
    x /= scale
    return Step("standardize", mean, scale)


SCALINGS = {"raw": _raw, "l2": _l2, "standardize": _standardize}


def _mean(x: Float[np.ndarray, "rows feat"], has: Bool[np.ndarray, "rows"]) -> Float32[np.ndarray, "feat"]:
    """Mean over the rows that are there; the others are 0."""
    return (x.sum(axis=0, dtype=np.float64) / has.sum()).astype(np.float32)
