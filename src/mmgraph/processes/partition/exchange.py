"""Rows that other processes have: all of them block by block, or some by number."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import torch
import torch.distributed as dist
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor

from mmgraph.processes.divided import together, world
from mmgraph.processes.partition.rows import BLOCK_ROWS, DividedRows, RowBlock, row_blocks

traffic: Counter[str] = Counter()
"""Bytes that this process has received so far, by what they were: ``blocks`` of all rows, ``rows`` of a batch,
``draws`` of batches, and of a sample (:mod:`mmgraph.processes.partition.asked`) what others ``asked`` for, their
``neighbours``, ``attributes`` and rows of ``tables``, and the gradients of these (``tables, back``). What is added up
is counted as an all-reduce in a ring: 2 (W - 1) / W of its size."""


def received_rows(
    own: Shaped[Tensor, "own *dim"], rows: DividedRows, block_rows: int = BLOCK_ROWS
) -> Iterator[tuple[RowBlock, Shaped[Tensor, "block *dim"]]]:
    """All rows, block by block from their owners; a process holds one block of the others' at a time.

    Every process must take all of them. What is yielded is to be read before the next is asked for.

    Args:
        own: this process's rows.
        rows: who has which.
        block_rows: rows of a block, at the most.

    Raises:
        ConnectionError: if another process is gone; explains how to go on.
    """
    own = own.contiguous()
    room = own.new_empty(min(block_rows, rows.bounds(0)[1]), *own.shape[1:])
    for block in row_blocks(rows, block_rows):
        if block.owner == rows.rank:
            part = own[block.start - rows.first : block.stop - rows.first]
        else:
            part = room[: block.stop - block.start]
            traffic["blocks"] += part.nbytes
        _send(part, block.owner)
        yield block, part


def all_rows(own: Shaped[Tensor, "own *dim"], rows: DividedRows) -> Shaped[Tensor, "rows *dim"]:
    """All rows at once: for a number or a list a row, and for what a run leaves at its end."""
    whole = own.new_empty(rows.count, *own.shape[1:])
    for block, part in received_rows(own, rows):
        whole[block.start : block.stop] = part
    return whole


def joined_rows(own: Shaped[Tensor, "own *dim"]) -> Shaped[Tensor, "rows *dim"]:
    """The processes' rows one after another, however many each has."""
    counts = own.new_zeros(world()[1], dtype=torch.long)
    counts[world()[0]] = own.size(0)
    _add_up(counts, "draws")
    parts = []
    for rank, count in enumerate(counts.tolist()):
        part = own.contiguous() if rank == world()[0] else own.new_empty(count, *own.shape[1:])
        _send(part, rank)
        parts.append(part)
    return torch.cat(parts)


def any_of_processes(found: Bool[Tensor, "*n"]) -> Bool[Tensor, "*n"]:
    """Whether some process found it."""
    return added_up(found.to(torch.uint8)) > 0


def added_up(x: Shaped[Tensor, "*n"]) -> Shaped[Tensor, "*n"]:
    """The sum over processes, in the place of ``x``."""
    _add_up(x, "draws")
    return x


def _send(x: Tensor, owner: int) -> None:
    if world()[1] > 1:
        with together():
            dist.broadcast(x, src=owner)


def _add_up(x: Tensor, what: str) -> None:
    size = world()[1]
    if size > 1:
        traffic[what] += 2 * (size - 1) * x.nbytes // size
        with together():
            dist.all_reduce(x)


class _LookedUp(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, own: Tensor, mine: Tensor, place: Tensor, count: int) -> Tensor:
        exchanged = torch.promote_types(own.dtype, torch.float32)  # gloo adds no halves up
        found = own.new_zeros(count, *own.shape[1:], dtype=exchanged)
        found[place] = own.index_select(0, mine).to(exchanged)
        _add_up(found, "rows")
        ctx.save_for_backward(place, mine)
        ctx.shape = own.shape
        return found.to(own.dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        place, mine = ctx.saved_tensors
        own = grad.new_zeros(ctx.shape)
        return own.index_add_(0, mine, world()[1] * grad.index_select(0, place)), None, None, None


def looked_up(
    own: Float[Tensor, "own *dim"], wanted: Int[Tensor, " wanted"], rows: DividedRows
) -> Float[Tensor, "wanted *dim"]:
    """Some rows by their numbers, from whoever has them.

    All processes ask for the same ones and compute the same of them, so that each has its rows' gradient without being
    told: nothing is sent on the way back. It is that of training where each of W processes back-propagates the loss
    over W (:func:`mmgraph.processes.divided.sum_over_processes`): W times what comes in.

    Args:
        own: this process's rows.
        wanted: numbers of rows, the same on all.
        rows: who has which.

    Raises:
        ConnectionError: if another process is gone; explains how to go on.
    """
    place = rows.is_own(wanted).nonzero().flatten()
    found: Tensor = _LookedUp.apply(own, wanted[place] - rows.first, place, wanted.numel())
    return found


def looked_up_first(
    own: Float[Tensor, "nodes *dim"], wanted: Int[Tensor, " wanted"], rows: DividedRows
) -> Float[Tensor, "wanted *dim"]:
    """The same of a process that has a row for some nodes only, first of all for those of ``wanted`` that are its own.

    Args:
        own: rows for these, in their order in ``wanted``, and for whatever other nodes.
        wanted: numbers of rows, different ones, the same on all.
        rows: who has which.

    Raises:
        ConnectionError: if another process is gone; explains how to go on.
    """
    place = rows.is_own(wanted).nonzero().flatten()
    found: Tensor = _LookedUp.apply(own, torch.arange(place.numel(), device=own.device), place, wanted.numel())
    return found
