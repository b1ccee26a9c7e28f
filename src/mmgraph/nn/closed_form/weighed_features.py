"""Several modalities beside each other, each with a weight."""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mmgraph.nn.closed_form.unit_rows import UnitRows


class WeighedFeatures(NamedTuple):
    r"""Features :math:`\mathbf F = [\sqrt{w_m} \mathbf Z_m]_m`, columns of each Z centred and its rows at length 1.

    Attributes:
        rows: by modality; those that weigh nothing are left out.
        weight: w of each of them.

    Example:
        >>> features = WeighedFeatures.of({"text": torch.tensor([[0.0], [1.0]])}, {}, 3.0)
        >>> features.add_products_(torch.zeros(2, 2), features)
        tensor([[ 3., -3.],
                [-3.,  3.]])
    """

    rows: Mapping[str, UnitRows]
    weight: Mapping[str, float]

    @classmethod
    def of(
        cls,
        features: Mapping[str, Float[Tensor, "rows _"]],
        has: Mapping[str, Bool[Tensor, " rows"]],
        weight: float | Mapping[str, float],
    ) -> "WeighedFeatures":
        """Finds means and lengths.

        Args:
            features: by modality, on the CPU.
            has: which rows have a modality; all where a name is absent.
            weight: of every modality, or by modality: one that is not named weighs nothing.

        Raises:
            ValueError: as :func:`modality_numbers` does.
        """
        weights = {name: value for name, value in modality_numbers(weight, features).items() if value}
        return cls({name: UnitRows.of(features[name], has.get(name)) for name in weights}, weights)

    def further(
        self, features: Mapping[str, Float[Tensor, "further _"]], has: Mapping[str, Bool[Tensor, " further"]]
    ) -> "WeighedFeatures":
        """Those of further items, from which the same means are taken.

        Args:
            features: by modality.
            has: which items have a modality; all where a name is absent.
        """
        found = {name: UnitRows.of(features[name], has.get(name), mean=rows.mean) for name, rows in self.rows.items()}
        return self._replace(rows=found)

    def joined(self) -> Float[Tensor, "rows dim"]:
        """F itself."""
        parts = [self.weight[name] ** 0.5 * rows.columns(0, rows.x.size(1)) for name, rows in self.rows.items()]
        return torch.cat(parts, dim=1)

    def add_products_(
        self, to: Float[Tensor, "rows others"], others: "WeighedFeatures"
    ) -> Float[Tensor, "rows others"]:
        """Adds the inner products of these rows and ``others`` to a matrix, in place, and returns it."""
        for name, rows in self.rows.items():
            rows.add_products_(to, others.rows[name], self.weight[name])
        return to


def modality_numbers(weight: float | Mapping[str, float], names: Iterable[str]) -> dict[str, float]:
    """A number of at least 0 for each modality.

    Args:
        weight: one for all, or some by name; those that are not named get 0.
        names: the modalities.

    Raises:
        ValueError: for a name that is no modality, or a number below 0; names it.

    Example:
        >>> modality_numbers(60, ["image", "text"]), modality_numbers({"text": 60}, ["image", "text"])
        ({'image': 60.0, 'text': 60.0}, {'image': 0.0, 'text': 60.0})
    """
    known = list(names)
    given = dict(weight) if isinstance(weight, Mapping) else dict.fromkeys(known, weight)
    if unknown := [name for name in given if name not in known]:
        raise ValueError(f"weight names {unknown[0]!r}, and the items' modalities are {', '.join(known) or 'none'}")
    if wrong := {name: value for name, value in given.items() if not (value >= 0 and isfinite(value))}:
        raise ValueError(f"weight must be at least 0 for every modality; got {wrong}")
    return {name: float(given.get(name, 0)) for name in known}
