"""The product of a graph that is divided by target rows: each process has its own, and receives the others' vectors."""

from dataclasses import dataclass

import torch
from torch import Tensor

from mmgraph.nn.sparse.spmm import CSR, csr_matmul
from mmgraph.processes.partition import DividedRows, received_rows, row_blocks


@dataclass(frozen=True)
class BlockMatrix:
    """This process's rows of a sparse matrix, cut into one CSR for each block of columns that is received at once.

    Attributes:
        parts: the matrices, own rows x columns of a block, in the order of blocks.
        columns: which process has the vector of which column.
    """

    parts: list[Tensor]
    columns: DividedRows

    @classmethod
    def of(cls, row: Tensor, col: Tensor, weight: Tensor, num_rows: int, columns: DividedRows) -> "BlockMatrix":
        """Sorts entries into blocks.

        Args:
            row: of each entry, counted from this process's first.
            col: of each entry, as all processes count.
            weight: of each entry.
            num_rows: this process's rows.
            columns: who has the vectors.
        """
        starts = torch.tensor([block.start for block in row_blocks(columns)], device=col.device)
        block = torch.searchsorted(starts, col, right=True) - 1
        widths = [block.stop - block.start for block in row_blocks(columns)]
        # All blocks one below another are one matrix, which is sorted once.
        below = CSR.of(block * num_rows + row, col - starts[block], (len(widths) * num_rows, max(widths, default=0)))
        values = weight.index_select(0, below.order)
        parts = []
        for number, width in enumerate(widths):
            pointer = below.pointer[number * num_rows : (number + 1) * num_rows + 1]
            entries = slice(int(pointer[0]), int(pointer[-1]))
            own = CSR(pointer - pointer[0], below.col[entries], torch.arange(0))
            parts.append(own.with_values(values[entries], width))
        return cls(parts, columns)

    @property
    def dtype(self) -> torch.dtype:
        """Of its values."""
        return self.parts[0].dtype

    def multiply(self, x: Tensor, *, scale: float, onto: Tensor | None, out: Tensor | None) -> Tensor:
        """``scale * (self @ x + onto)`` for this process's rows; every process must call it.

        Args:
            x: this process's rows of the vectors.
            scale: of the result.
            onto: what is added; None: nothing.
            out: where the result goes, ``onto`` itself perhaps; None: where there is room.

        Raises:
            ConnectionError: if another process is gone; explains how to go on.
        """
        total: Tensor | None = None
        for part, (_, vectors) in zip(self.parts, received_rows(x, self.columns), strict=True):
            if total is None:
                total = csr_matmul(part, vectors, scale=scale, onto=onto, out=out)
            else:
                total = torch.addmm(total, part, vectors, alpha=scale, out=total)
        assert total is not None, "there is at least one column"
        return total
