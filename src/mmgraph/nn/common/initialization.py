"""How weights start."""

from collections.abc import Iterable

import torch
from torch import nn


def xavier_uniform(rows: int, columns: int, *, gain: float = 1.0) -> nn.Parameter:
    r"""A new matrix drawn by Xavier's uniform rule: a table of free vectors, one in each row.

    Args:
        rows: how many vectors.
        columns: their size.
        gain: factor of the bound :math:`\sqrt{6 / (rows + columns)}`.

    Example:
        >>> table = xavier_uniform(100, 4)
        >>> table.shape, bool(table.abs().max() <= (6 / 104) ** 0.5)
        (torch.Size([100, 4]), True)
    """
    return nn.Parameter(nn.init.xavier_uniform_(torch.empty(rows, columns), gain))


def xavier_normal(rows: int, columns: int) -> nn.Parameter:
    r"""A new matrix drawn by Xavier's normal rule: a table of free vectors, one in each row.

    Args:
        rows: how many vectors.
        columns: their size; the standard deviation is :math:`\sqrt{2 / (rows + columns)}`.

    Example:
        >>> xavier_normal(100, 4).shape
        torch.Size([100, 4])
    """
    return nn.Parameter(nn.init.xavier_normal_(torch.empty(rows, columns)))


def identity_matrices(names: Iterable[str], size: int) -> nn.ModuleDict:
    """New square matrices by name, linear maps without bias that change nothing yet.

    Args:
        names: of the matrices.
        size: of the vectors.

    Example:
        >>> identity_matrices(["text"], 2)["text"](torch.tensor([[3.0, 4.0]])).tolist()
        [[3.0, 4.0]]
    """
    matrices = nn.ModuleDict({name: nn.Linear(size, size, bias=False) for name in names})
    for matrix in matrices.parameters():
        nn.init.eye_(matrix)
    return matrices


def xavier_matrices_(*modules: nn.Module) -> None:
    """Draws every matrix of some modules by Xavier's uniform rule, in place; their vectors (biases) stay.

    Args:
        *modules: whose matrices.

    Example:
        >>> linear = nn.Linear(3, 3)
        >>> before = linear.bias.clone()
        >>> xavier_matrices_(linear)
        >>> bool(linear.weight.abs().max() <= 1), bool((linear.bias == before).all())
        (True, True)
    """
    for module in modules:
        for parameter in module.parameters():
            if parameter.dim() == 2:
                nn.init.xavier_uniform_(parameter)
