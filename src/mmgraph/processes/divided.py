"""What the processes of one job divide among themselves and put together again; alone, a process has all of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.distributed as dist
from jaxtyping import Float, Shaped
from torch import Tensor


def world() -> tuple[int, int]:
    """``(rank, number of processes)``; ``(0, 1)`` where ``torch.distributed`` is not running."""
    if dist.is_available() and dist.is_initialized():
        return dist.get_rank(), dist.get_world_size()
    return 0, 1


def own_part() -> slice:
    """Which rows this process works on, of those that all have: every N-th one.

    >>> [5, 6, 7][own_part()]               # alone: all
    [5, 6, 7]
    """
    rank, size = world()
    return slice(rank, None, size)


@contextmanager
def together() -> Iterator[None]:
    """What ``torch.distributed`` makes of a process that is gone becomes a sentence.

    Raises:
        ConnectionError: if another process is gone; explains how to go on.
    """
    try:
        yield
    except RuntimeError as error:
        reason = str(error).partition(". ")[0]
        raise ConnectionError(
            f"another process of this job has ended or cannot be reached ({reason}); once all is well again, "
            "resume=<run dir> goes on with the unfinished epoch"
        ) from error


def all_reduce(x: Float[Tensor, "..."]) -> None:
    """Puts the sum of all processes' ``x`` in its place.

    Raises:
        ConnectionError: if another process is gone; explains how to go on.
    """
    with together():
        dist.all_reduce(x)


def all_gather(x: Shaped[Tensor, "..."]) -> list[Shaped[Tensor, "..."]]:
    """Every process's ``x``, all of one shape, by rank.

    Raises:
        ConnectionError: if another process is gone; explains how to go on.
    """
    found = [torch.empty_like(x) for _ in range(world()[1])]
    with together():
        dist.all_gather(found, x)
    return found


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        total = x.clone()
        all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        return grad * world()[1]


def sum_over_processes(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    r"""Adds up what each process found for its part; all get the sum.

    Its gradient fits training where each of N processes back-propagates the loss over N and the gradients are added up
    (:func:`mmgraph.processes.fabric.sum_gradients`): each takes that of its own part, times N.

    Args:
        x: this process's summand.

    Example:
        >>> sum_over_processes(torch.tensor(2.0))
        tensor(2.)
    """
    if world()[1] == 1:
        return x
    total: Tensor = _Sum.apply(x)
    return total


def mean_over_processes(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """The mean of what the processes found, without a gradient; the same on all.

    >>> mean_over_processes(torch.tensor(2.0))
    tensor(2.)
    """
    return sum_over_processes(x.detach()) / world()[1]
