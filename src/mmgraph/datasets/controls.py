"""Controls: features that say nothing, or less, of the items they belong to."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32, Int64

from mmgraph.datasets.control import Control, Features
from mmgraph.datasets.features import Modality


class Shuffle(Control):
    """Deals the rows of features out anew among the items: an item has another one's.

    Several modalities are dealt out together, so that they still fit each other. Whether an item lacks a modality goes
    with the row.

    Example:
        >>> text = Modality(np.arange(4, dtype=np.float32)[:, None], None)
        >>> Shuffle(seed=0).after_scaling({"text": text})["text"].x.ravel()
        array([2., 0., 1., 3.], dtype=float32)
    """

    def after_scaling(self, features: Features) -> dict[str, Modality]:
        """The rows in another order."""
        names = self.names(list(features))
        order = self.generator().permutation(len(features[names[0]].x))
        return {**features, **{name: _in_order(features[name], order) for name in names}}


class Noise(Control):
    """Draws features from normal laws that have the mean and the deviation of their columns, and no more in common."""

    def after_scaling(self, features: Features) -> dict[str, Modality]:
        """Numbers that were drawn; items without the modality have the mean of their rows."""
        return {**features, **{name: self._draw(name, features[name]) for name in self.names(list(features))}}

    def _draw(self, name: str, modality: Modality) -> Modality:
        x = _means(modality)
        rows = slice(None) if modality.has is None else modality.has
        deviation = modality.x[rows].std(axis=0)
        x[rows] += deviation * self.generator(name).standard_normal(x[rows].shape, dtype=np.float32)
        return Modality(x, modality.has)


class Constant(Control):
    """Gives every item the mean row.

    Where a graph of similar items is drawn from such features, all items are equally similar: prefer :class:`Shuffle`.

    Args:
        modalities: which; ``None`` for all.
    """

    draws = False

    def __init__(self, *, modalities: Sequence[str] | None = None) -> None:
        super().__init__(modalities=modalities)

    def after_scaling(self, features: Features) -> dict[str, Modality]:
        """The mean row, and that of the items without the modality for these."""
        names = self.names(list(features))
        return {**features, **{name: Modality(_means(features[name]), features[name].has) for name in names}}


class Drop(Control):
    """Takes modalities away, as if the data set had not read them.

    Args:
        modalities: which.
    """

    draws = False

    def __init__(self, *, modalities: Sequence[str]) -> None:
        super().__init__(modalities=modalities)

    def before_scaling(self, features: Features, degree: Int64[np.ndarray, " items"]) -> dict[str, Modality]:
        """Those that are left."""
        names = self.names(list(features))
        return {name: modality for name, modality in features.items() if name not in names}


class Missing(Control):
    """Takes modalities from a share of the items, as if their rows in the files were NaN.

    Each modality has a draw of its own. The items of a lower rate are among those of a higher one.

    Args:
        rate: share of the items that have the modality, from 0 to below 1.
        by: ``"random"``, or ``"popularity"``: those with the fewest train interactions first, equal ones at random.
        fill: what stands in their rows after scaling: ``"mean"`` of the others, ``"zero"``, or ``"graph"``, what
            :func:`~mmgraph.datasets.imputation.impute` makes of neighbours; ``None``: as the data set fills, else the
            mean.
        modalities: which; ``None`` for all.
        seed: of what is drawn; ``None``: that of the run.

    Raises:
        ValueError: if a number or a word is out of range.

    Example:
        >>> text = Modality(np.ones((4, 1), dtype=np.float32), None)
        >>> missing = Missing(rate=0.5, by="popularity", seed=0)
        >>> missing.before_scaling({"text": text}, np.array([5, 1, 9, 2]))["text"].has
        array([ True, False,  True, False])
    """

    def __init__(
        self,
        *,
        rate: float,
        by: str = "random",
        fill: str | None = None,
        modalities: Sequence[str] | None = None,
        seed: int | None = None,
    ) -> None:
        if not 0 <= rate < 1:
            raise ValueError(f"rate={rate}: must be from 0 to below 1, the share of items that lose the modality")
        if by not in ("random", "popularity"):
            raise ValueError(f"by={by!r}: must be 'random' or 'popularity'")
        if fill not in (None, "mean", "zero", "graph"):
            raise ValueError(f"fill={fill!r}: must be 'mean', 'zero' or 'graph', or null for the data set's way")
        self.rate = rate
        self.by = by
        self.fill = fill
        super().__init__(modalities=modalities, seed=seed)

    def before_scaling(self, features: Features, degree: Int64[np.ndarray, " items"]) -> dict[str, Modality]:
        """The same rows, fewer of them marked as there."""
        names = self.names(list(features))
        return {**features, **{name: self._lose(name, features[name], degree) for name in names}}

    def _lose(self, name: str, modality: Modality, degree: Int64[np.ndarray, " items"]) -> Modality:
        has = np.ones(len(modality.x), dtype=np.bool_) if modality.has is None else modality.has.copy()
        drawn = self.generator(name).permutation(len(has))
        order = drawn if self.by == "random" else drawn[np.argsort(degree[drawn], kind="stable")]
        order = order[has[order]]
        count = min(round(self.rate * len(order)), len(order) - 1)
        has[order[:count]] = False
        return Modality(modality.x, has) if count else modality


def _in_order(modality: Modality, order: Int64[np.ndarray, " items"]) -> Modality:
    return Modality(modality.x[order], None if modality.has is None else modality.has[order])


def _means(modality: Modality) -> Float32[np.ndarray, "items feat"]:
    """The mean row for all items; those without the modality have that of theirs: a row filled alike stays as it is."""
    x = np.empty_like(modality.x)
    has = np.ones(len(x), dtype=np.bool_) if modality.has is None else modality.has
    for rows in (has, ~has):
        if rows.any():
            x[rows] = modality.x[rows].mean(axis=0, dtype=np.float64)
    return x
