"""What is computed row by row, in memory that does not grow with the rows."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

BLOCK_ROWS = 4096
"""Rows at once: what lies between them and the result (a hidden layer of 256, say) takes a few MiB."""


def by_row_blocks(function: Callable[[Tensor], Tensor], x: Float[Tensor, "rows feat"]) -> Float[Tensor, "rows dim"]:
    """``function(x)`` for a function that treats each row alone; where no gradient is asked for, block by block.

    Training keeps what lies between anyway, for the backward pass; ranking has no use for it.

    Args:
        function: gives a row for each row.
        x: the rows.

    Example:
        >>> by_row_blocks(torch.square, torch.tensor([[1.0], [2.0]]))
        tensor([[1.],
                [4.]])
    """
    if torch.is_grad_enabled() or x.size(0) <= BLOCK_ROWS:
        return function(x)
    # Blocks of like size: BLAS may sum a handful of rows in another order.
    blocks = x.tensor_split(-(-x.size(0) // BLOCK_ROWS))
    first = function(blocks[0])
    out = first.new_empty(x.size(0), first.size(1))
    for block, rows in zip(blocks, out.tensor_split(len(blocks)), strict=True):
        rows.copy_(first if block is blocks[0] else function(block))
    return out
