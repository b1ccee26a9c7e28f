"""Features with columns centred and rows at length 1, and their products, without a copy of the features."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

COLUMNS = 128
"""Features taken at once: bounds what a product needs beside its result to 512 bytes a row."""
_NOTHING_LEFT = 1e-5
"""Rows that differ from the mean by less than this share of its length do so by rounding."""


class UnitRows(NamedTuple):
    r"""Features :math:`\mathbf z_i = (\mathbf x_i - \bar{\mathbf x}) / \|\mathbf x_i - \bar{\mathbf x}\|`, as parts.

    Attributes:
        x: the features as they are ``(I, d)``.
        mean: what is taken from each row ``(d,)``.
        scale: what each row is multiplied by then ``(I,)``; 0 for one that lacks the features or is the mean itself.

    Example:
        >>> rows = UnitRows.of(torch.tensor([[0.0, 0.0], [6.0, 8.0]]))
        >>> rows.columns(0, 2)
        tensor([[-0.6000, -0.8000],
                [ 0.6000,  0.8000]])
    """

    x: Tensor
    mean: Tensor
    scale: Tensor

    @classmethod
    def of(
        cls,
        x: Float[Tensor, "rows feat"],
        has: Bool[Tensor, " rows"] | None = None,
        *,
        mean: Float[Tensor, " feat"] | None = None,
    ) -> "UnitRows":
        """Finds mean and lengths.

        Args:
            x: features.
            has: which rows have them; all by default. The others are zeros, and count for no mean.
            mean: of other rows, to be taken from these; None: their own.
        """
        present = x.new_ones(x.size(0)) if has is None else has.to(x)
        if mean is None:
            mean = present @ x / present.sum().clamp(min=1)
        square = torch.zeros_like(present)
        for start in range(0, x.size(1), COLUMNS):
            square += (x[:, start : start + COLUMNS] - mean[start : start + COLUMNS]).square().sum(1)
        length = square.sqrt()
        told_apart = (length > _NOTHING_LEFT * mean.norm()) & (length > 0)
        return cls(x, mean, torch.where(told_apart, present / length, 0.0))

    def columns(self, start: int, end: int) -> Float[Tensor, "rows _"]:
        """Some columns of z."""
        return (self.x[:, start:end] - self.mean[start:end]) * self.scale.unsqueeze(1)

    def add_products_(self, to: Float[Tensor, "rows others"], others: "UnitRows", weight: float) -> None:
        """Adds ``weight`` times the inner products of these rows and ``others`` to a matrix, in place."""
        for start in range(0, self.x.size(1), COLUMNS):
            end = start + COLUMNS
            left = self.columns(start, end).to(to)
            right = left if others is self else others.columns(start, end).to(to)
            to.addmm_(left, right.T, alpha=weight)
