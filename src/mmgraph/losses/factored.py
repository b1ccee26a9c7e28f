"""Rows over all items in few numbers: a product of two thin matrices, and numbers where users interacted."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mmgraph.losses.functional import full_precision

_LEAST_SHARE = 1e-10  # of a square of length: what is less is rounding, or drowns in that of the products


class FactoredRows(NamedTuple):
    r"""Rows :math:`\mathbf A = \mathbf L \mathbf R^\top + \mathbf S` with a sparse S; made only if asked for.

    A matrix of H rows takes B H D + I H D operations and H for each number of S, where the rows take B I H.

    Attributes:
        left: L, ``(B, D)``.
        right: R, ``(I, D)``.
        seen: where S is: items over rows, ``(2, E)``, each pair once.
        value: what S is there, ``(E,)``.

    Example:
        >>> rows = FactoredRows(torch.ones(1, 1), torch.tensor([[3.0], [4.0]]), torch.tensor([[1], [0]]), torch.ones(1))
        >>> rows.dense()
        tensor([[3., 5.]])
    """

    left: Tensor
    right: Tensor
    seen: Tensor
    value: Tensor

    def dense(self) -> Float[Tensor, "batch items"]:
        """The rows themselves."""
        item, row = self.seen
        return (self.left @ self.right.T).index_put((row, item), self.value, accumulate=True)

    def detach(self) -> "FactoredRows":
        """The same without gradients."""
        return FactoredRows(self.left.detach(), self.right.detach(), self.seen, self.value.detach())


def unseen_similarity(
    user: Float[Tensor, "batch dim"], item: Float[Tensor, "items dim"], seen: Int[Tensor, "2 edges"]
) -> FactoredRows:
    r"""Inner products of users with all items, 0 where they interacted; rows at length 1.

    .. math:: a_{ui} = \frac{(1 - R_{ui})\, \mathbf x_u^\top \mathbf x_i}{\ell_u}, \qquad
              \ell_u^2 = \mathbf x_u^\top \Big(\sum_i \mathbf x_i \mathbf x_i^\top\Big) \mathbf x_u
              - \sum_{i \in N_u} (\mathbf x_u^\top \mathbf x_i)^2

    Args:
        user: vectors of the users whose rows these are.
        item: vectors of all items.
        seen: items over rows of ``user``, each interaction once.

    Returns:
        The rows; zeros for a user who interacted with all that is similar.

    Example:
        >>> item = torch.tensor([[3.0], [4.0], [9.0]])
        >>> unseen_similarity(torch.ones(1, 1), item, torch.tensor([[2], [0]])).dense()
        tensor([[0.6000, 0.8000, 0.0000]])
    """
    user = full_precision(user)
    item = full_precision(item)
    inverse = _inverse_lengths(user, item, seen)
    left = user * inverse.unsqueeze(-1)
    return FactoredRows(left, item, seen, -_products(left, item, seen))


def fill_seen(rows: FactoredRows, value: Float[Tensor, " edges"], *, scale: float) -> FactoredRows:
    """Rows of :func:`unseen_similarity` times ``scale``, with numbers where users interacted; at length 1 again.

    Example:
        >>> rows = unseen_similarity(torch.ones(1, 1), torch.ones(2, 1), torch.tensor([[1], [0]]))
        >>> fill_seen(rows, torch.tensor([3.0]), scale=4.0).dense()
        tensor([[0.8000, 0.6000]])
    """
    row = rows.seen[1]
    of_unseen = scale**2 * rows.left.any(dim=-1)
    of_seen = rows.left.new_zeros(rows.left.size(0)).index_add(0, row, value.square())
    inverse = (of_unseen + of_seen).sqrt().clamp_min(1e-12).reciprocal()
    value = (scale * rows.value + value) * inverse.index_select(0, row)
    return FactoredRows(scale * rows.left * inverse.unsqueeze(-1), rows.right, rows.seen, value)


def _inverse_lengths(user: Tensor, item: Tensor, seen: Tensor) -> Float[Tensor, " batch"]:
    """In double precision: of a user who saw nearly all that is similar little is left of a difference."""
    wide = user.double()
    wide_item = item.double()
    of_all = (wide @ (wide_item.T @ wide_item) * wide).sum(-1)
    of_seen = torch.zeros_like(of_all).index_add(0, seen[1], _products(wide, wide_item, seen).square())
    left = of_all - of_seen
    is_left = left > (_LEAST_SHARE * of_all).clamp_min(1e-24)
    inverse = left.where(is_left, 1.0).rsqrt()
    return (inverse * is_left).to(user.dtype)


def _products(user: Tensor, item: Tensor, seen: Tensor) -> Float[Tensor, " edges"]:
    chosen, row = seen
    return (user.index_select(0, row) * item.index_select(0, chosen)).sum(-1)
