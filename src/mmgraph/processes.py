"""What the processes of one job divide among themselves and put together again; alone, a process has all of it."""

from typing import Any

import torch
import torch.distributed as dist
from jaxtyping import Float
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


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        total = x.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        return grad * world()[1]


def sum_over_processes(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    r"""Adds up what each process found for its part; all get the sum.

    Its gradient fits training where each of N processes back-propagates the loss over N and the gradients are added up
    (:func:`mmgraph.training.distributed.sum_gradients`): each takes that of its own part, times N.

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
