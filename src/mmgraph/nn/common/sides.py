"""Arithmetic on pairs: the users' vectors and the items' vectors of one kind."""

from collections.abc import Iterable
from functools import reduce

import torch
import torch.nn.functional as F

from mmgraph.typing import Sides


def normalize_sides(sides: Sides) -> Sides:
    """Every vector at length 1.

    Example:
        >>> import torch
        >>> normalize_sides(Sides(torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 2.0]])))
        Sides(user=tensor([[0.6000, 0.8000]]), item=tensor([[0., 1.]]))
    """
    return Sides(F.normalize(sides.user, dim=-1), F.normalize(sides.item, dim=-1))


def add_sides(summands: Iterable[Sides]) -> Sides:
    """Users added up, and items added up; what is yielded is added as it comes.

    Args:
        summands: at least one pair.

    Example:
        >>> import torch
        >>> add_sides([Sides(torch.ones(1, 2), torch.ones(2, 2)), Sides(torch.ones(1, 2), torch.zeros(2, 2))])
        Sides(user=tensor([[2., 2.]]), item=tensor([[1., 1.],
                [1., 1.]]))
    """
    return reduce(lambda a, b: Sides(a.user + b.user, a.item + b.item), summands)


def scale_sides(sides: Sides, factor: float) -> Sides:
    """Users and items times a number.

    Example:
        >>> import torch
        >>> scale_sides(Sides(torch.ones(1, 2), torch.ones(1, 2)), 0.5)
        Sides(user=tensor([[0.5000, 0.5000]]), item=tensor([[0.5000, 0.5000]]))
    """
    return Sides(factor * sides.user, factor * sides.item)


def concat_sides(parts: Iterable[Sides]) -> Sides:
    """Users side by side, and items side by side: ``(U, D1 + D2 + ...)`` and ``(I, D1 + D2 + ...)``.

    Example:
        >>> import torch
        >>> concat_sides([Sides(torch.ones(1, 1), torch.zeros(2, 1)), Sides(torch.ones(1, 1), torch.ones(2, 1))])
        Sides(user=tensor([[1., 1.]]), item=tensor([[0., 1.],
                [0., 1.]]))
    """
    user, item = zip(*parts, strict=True)
    return Sides(torch.cat(user, dim=-1), torch.cat(item, dim=-1))
