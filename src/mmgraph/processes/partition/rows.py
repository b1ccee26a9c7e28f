"""Which process has which rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.processes.divided import world

BLOCK_ROWS = 2**16
"""Rows that are sent at once: 16 MiB of 64 floats, whatever the number of processes."""


@dataclass(frozen=True)
class DividedRows:
    """The rows of one kind of node in contiguous parts, one for each process, as ``DTensor`` cuts a table.

    Attributes:
        count: rows of all processes.
        rank: this process.
        size: how many processes there are.

    Example:
        >>> rows = DividedRows(10, rank=3, size=4)
        >>> [rows.bounds(rank) for rank in range(4)]
        [(0, 3), (3, 6), (6, 9), (9, 10)]
        >>> rows.first, rows.num_own
        (9, 1)
    """

    count: int
    rank: int
    size: int

    @classmethod
    def of_world(cls, count: int) -> "DividedRows":
        """``count`` rows among the processes that there are."""
        rank, size = world()
        return cls(count, rank, size)

    def bounds(self, rank: int) -> tuple[int, int]:
        """The first row of a process, and the first behind its last."""
        height = -(-self.count // self.size)
        return min(rank * height, self.count), min((rank + 1) * height, self.count)

    @property
    def first(self) -> int:
        """This process's first row."""
        return self.bounds(self.rank)[0]

    @property
    def num_own(self) -> int:
        """How many rows this process has."""
        start, stop = self.bounds(self.rank)
        return stop - start

    def is_own(self, rows: Int[Tensor, "*n"]) -> Bool[Tensor, "*n"]:
        """Which of these rows this process has."""
        start, stop = self.bounds(self.rank)
        return (rows >= start) & (rows < stop)

    def owner(self, rows: Int[Tensor, "*n"]) -> Int[Tensor, "*n"]:
        """Which process has each of these rows.

        >>> DividedRows(10, rank=3, size=4).owner(torch.tensor([2, 3, 9]))
        tensor([0, 1, 3])
        """
        return rows // self.bounds(0)[1]

    def own(self, x: Tensor) -> Tensor:
        """This process's rows of what all have, in memory of their own."""
        return x[slice(*self.bounds(self.rank))].clone(memory_format=torch.contiguous_format)


def is_divided(graph: HeteroData) -> bool:
    """Whether a graph has one process's rows only (:func:`mmgraph.transforms.own_part`)."""
    return any("rows" in store for store in graph.node_stores)


class RowBlock(NamedTuple):
    """Rows ``start`` to ``stop`` of the process ``owner``, sent at once."""

    owner: int
    start: int
    stop: int


def row_blocks(rows: DividedRows, block_rows: int = BLOCK_ROWS) -> Iterator[RowBlock]:
    """All rows from the first to the last, in blocks of one process each.

    >>> [tuple(block) for block in row_blocks(DividedRows(7, rank=0, size=2), 3)]
    [(0, 0, 3), (0, 3, 4), (1, 4, 7)]
    """
    for owner in range(rows.size):
        first, behind = rows.bounds(owner)
        for start in range(first, behind, block_rows):
            yield RowBlock(owner, start, min(start + block_rows, behind))
