"""How weights start."""

from collections.abc import Callable, Iterable, Mapping

import torch
from torch import nn

from mmgraph.nn.common.reset import Resettable


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


@torch.no_grad()
def redraw_(matrix: nn.Parameter, draw: Callable[[int, int], nn.Parameter]) -> None:
    """Draws a matrix anew, in place and on the device where it lies.

    Args:
        matrix: the matrix.
        draw: what gave it, from its numbers of rows and columns.

    Example:
        >>> table = xavier_uniform(2, 3)
        >>> before = table.clone()
        >>> redraw_(table, xavier_uniform); bool((table == before).any())
        False
    """
    with matrix.device:
        matrix.copy_(draw(*matrix.shape))


class TableDict(nn.ParameterDict):
    """Matrices by name, drawn by the same rule in the order of their sizes.

    Args:
        sizes: rows and columns of each matrix, by name.
        draw: gives a matrix of so many rows and columns.

    Example:
        >>> tables = TableDict({"user": (5, 4), "item": (3, 4)})
        >>> {name: tuple(table.shape) for name, table in tables.items()}
        {'item': (3, 4), 'user': (5, 4)}
    """

    def __init__(
        self, sizes: Mapping[str, tuple[int, int]], *, draw: Callable[[int, int], nn.Parameter] = xavier_uniform
    ) -> None:
        super().__init__({name: draw(*size) for name, size in sizes.items()})
        self._names = list(sizes)  # as they were drawn: a ParameterDict sorts what a dict gives it
        self._draw = draw

    def reset_parameters(self) -> None:
        """Draws all matrices anew."""
        for name in self._names:
            redraw_(self[name], self._draw)


class IdentityMatrices(Resettable, nn.ModuleDict):
    """What :func:`identity_matrices` gives."""

    def draw_parameters(self) -> None:
        """Makes every matrix the identity."""
        for matrix in self.parameters():
            nn.init.eye_(matrix)


def identity_matrices(names: Iterable[str], size: int) -> IdentityMatrices:
    """New square matrices by name, linear maps without bias that change nothing yet.

    Args:
        names: of the matrices.
        size: of the vectors.

    Example:
        >>> identity_matrices(["text"], 2)["text"](torch.tensor([[3.0, 4.0]])).tolist()
        [[3.0, 4.0]]
    """
    matrices = IdentityMatrices({name: nn.Linear(size, size, bias=False) for name in names})
    matrices.draw_parameters()
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
