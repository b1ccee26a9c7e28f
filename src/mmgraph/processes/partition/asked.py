"""Rows that processes ask each other for by their numbers: those of a sample, which nobody else has the same of."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
import torch.distributed as dist
from jaxtyping import Int64, Shaped
from torch import Tensor

from mmgraph.processes.divided import together, world
from mmgraph.processes.partition.exchange import traffic
from mmgraph.processes.partition.rows import DividedRows


class AskedRows:
    """What this process wants of the rows of a kind of node, and what others want of it.

    All processes must make one at a time, and ask each other for the same things in the same order. How many rows are
    asked for is sent first, then which: 8 bytes each.

    Args:
        wanted: numbers of rows, any, also those that this process has itself, and none.
        rows: who has which.

    Attributes:
        wanted: the same.
        own: the rows that processes want of this one, counted from its first, in the order of processes; a row that
            two want is there twice.

    Raises:
        ConnectionError: if another process is gone; explains how to go on.

    Example:
        >>> asked = AskedRows(torch.tensor([2, 0]), DividedRows(3, rank=0, size=1))   # alone: asks itself
        >>> asked.own, asked.answered(torch.tensor([[5.0], [6.0], [7.0]]), "rows").flatten()
        (tensor([2, 0]), tensor([7., 5.]))
    """

    def __init__(self, wanted: Int64[Tensor, " wanted"], rows: DividedRows) -> None:
        self.wanted = wanted
        owner = rows.owner(wanted)
        self._order = owner.argsort(stable=True)
        counts = torch.bincount(owner, minlength=rows.size)
        ones = [1] * rows.size
        self._from = counts.tolist()
        self._to = _exchanged(counts, ones, ones, "asked").tolist()
        self.own = _exchanged(wanted[self._order], self._from, self._to, "asked") - rows.first

    @cached_property
    def different(self) -> tuple[Int64[Tensor, " rows"], Int64[Tensor, " own"]]:
        """The rows of ``own``, each once and ascending, and the position in these of each of ``own``."""
        row, position = self.own.unique(return_inverse=True)
        return row, position

    def answered(self, x: Shaped[Tensor, "rows *dim"], what: str) -> Shaped[Tensor, "wanted *dim"]:
        """The rows that are wanted, from their owners; gradients go back to these and are added up there.

        Args:
            x: this process's rows.
            what: they are, for :data:`~mmgraph.processes.partition.traffic`.
        """
        return self.sent(x.index_select(0, self.own), what)

    def sent(self, answer: Shaped[Tensor, "own *dim"], what: str) -> Shaped[Tensor, "wanted *dim"]:
        """The same where what is said of each of ``own`` was put together already."""
        received: Tensor = _Exchange.apply(answer, self._to, self._from, what)
        return received.index_select(0, self._order.argsort())

    def sent_lists(
        self, count: Int64[Tensor, " own"], values: Sequence[Shaped[Tensor, " entries"]], what: str
    ) -> tuple[Int64[Tensor, " received"], list[Shaped[Tensor, " received"]]]:
        """For each row that is wanted a list, from its owner.

        Args:
            count: how long the list of each of ``own`` is; sent first.
            values: the lists one after another, in several kinds of numbers.
            what: they are.

        Returns:
            For each entry that was received its row, as a position in ``wanted``, and the entries.
        """
        counts = _exchanged(count, self._to, self._from, what)
        given = [int(part.sum()) for part in count.split(self._to)]
        taken = [int(part.sum()) for part in counts.split(self._from)]
        return self._order.repeat_interleave(counts), [_exchanged(x, given, taken, what) for x in values]


def _exchanged(x: Tensor, given: list[int], taken: list[int], what: str) -> Tensor:
    """Gives each process some rows of ``x``, one after another, and takes some of each."""
    rank, size = world()
    if size == 1:
        return x
    found = x.new_empty(sum(taken), *x.shape[1:])
    traffic[what] += found.nbytes - found[: taken[rank]].nbytes
    with together():
        dist.all_to_all_single(found, x.contiguous(), taken, given)
    return found


class _Exchange(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, given: list[int], taken: list[int], what: str) -> Tensor:
        ctx.back = taken, given, f"{what}, back"
        return _exchanged(x.clone() if world()[1] == 1 else x, given, taken, what)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        return _exchanged(grad, *ctx.back), None, None, None
