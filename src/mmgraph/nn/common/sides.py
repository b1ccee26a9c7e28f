"""Arithmetic on pairs: the users' vectors and the items' vectors of one kind."""

from collections.abc import Iterable
from functools import reduce

import torch
import torch.nn.functional as F
from torch import Tensor

from mmgraph.typing import View

Sides = tuple[Tensor, Tensor]
"""Users ``(U, D)`` and items ``(I, D)``."""


def normalize_sides(sides: Sides) -> Sides:
    """Every vector at length 1.

    Example:
        >>> import torch
        >>> normalize_sides((torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 2.0]])))
        (tensor([[0.6000, 0.8000]]), tensor([[0., 1.]]))
    """
    user, item = sides
    return F.normalize(user, dim=-1), F.normalize(item, dim=-1)


def add_sides(summands: Iterable[Sides]) -> Sides:
    """Users added up, and items added up; what is yielded is added as it comes.

    Args:
        summands: at least one pair.

    Example:
        >>> import torch
        >>> add_sides([(torch.ones(1, 2), torch.ones(2, 2)), (torch.ones(1, 2), torch.zeros(2, 2))])
        (tensor([[2., 2.]]), tensor([[1., 1.],
                [1., 1.]]))
    """
    return reduce(lambda a, b: (a[0] + b[0], a[1] + b[1]), summands)


def scale_sides(sides: Sides, factor: float) -> Sides:
    """Users and items times a number.

    Example:
        >>> import torch
        >>> scale_sides((torch.ones(1, 2), torch.ones(1, 2)), 0.5)
        (tensor([[0.5000, 0.5000]]), tensor([[0.5000, 0.5000]]))
    """
    user, item = sides
    return factor * user, factor * item


def concat_sides(parts: Iterable[Sides]) -> Sides:
    """Users side by side, and items side by side: ``(U, D1 + D2 + ...)`` and ``(I, D1 + D2 + ...)``.

    Example:
        >>> import torch
        >>> concat_sides([(torch.ones(1, 1), torch.zeros(2, 1)), (torch.ones(1, 1), torch.ones(2, 1))])
        (tensor([[1., 1.]]), tensor([[0., 1.],
                [0., 1.]]))
    """
    user, item = zip(*parts, strict=True)
    return torch.cat(user, dim=-1), torch.cat(item, dim=-1)


def view_of(sides: Sides) -> View:
    """A view of users and items, as losses ask for it.

    Example:
        >>> import torch
        >>> view_of((torch.ones(1, 1), torch.zeros(1, 1)))
        {'user': tensor([[1.]]), 'item': tensor([[0.]])}
    """
    return {"user": sides[0], "item": sides[1]}
