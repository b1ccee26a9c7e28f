"""Learning rates that change from one epoch to the next."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

MakeOptimizer = Callable[[Iterable[Tensor]], torch.optim.Optimizer]
MakeScheduler = Callable[[torch.optim.Optimizer], LRScheduler]


def end_epoch(scheduler: LRScheduler, metric: float | None) -> None:
    """Sets the learning rate of the next epoch.

    Args:
        scheduler: is stepped once; a ``ReduceLROnPlateau`` only where there is a metric to look at.
        metric: the monitored validation metric of the epoch that is over; None if it was not evaluated.

    Example:
        >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
        >>> scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
        >>> optimizer.step()
        >>> end_epoch(scheduler, metric=0.1)
        >>> scheduler.get_last_lr()
        [0.5]
    """
    if not isinstance(scheduler, ReduceLROnPlateau):
        scheduler.step()
    elif metric is not None:
        scheduler.step(metric)


def check_scheduler(make: Any, make_optimizer: MakeOptimizer) -> None:
    """Takes one step with a scheduler, so that what is wrong with it shows before there is anything to train.

    Args:
        make: should give the scheduler of an optimiser; whatever a configuration had there.
        make_optimizer: gives the optimiser.

    Raises:
        ValueError: if there is no scheduler to be had of ``make``, or one that waits for a lower metric.
    """
    if not callable(make):
        raise ValueError(
            f"trainer.scheduler must describe a class of torch.optim.lr_scheduler with _partial_: true, got {make!r}; "
            "trainer/scheduler=exponential takes one from conf/trainer/scheduler"
        )
    optimizer = make_optimizer([nn.Parameter(torch.zeros(1))])
    try:
        scheduler = make(optimizer)
        optimizer.step()
        end_epoch(scheduler, 0.0)
    except Exception as error:  # whatever a scheduler makes of arguments that it does not check
        raise ValueError(f"trainer.scheduler: {described(make)} cannot be used: {error}") from error
    if isinstance(scheduler, ReduceLROnPlateau) and scheduler.mode == "min":
        raise ValueError("trainer.scheduler.mode must be 'max', got 'min': a higher monitored metric is better")


def described(make: Any) -> str:
    """What a constructor with some of its arguments would make, for people.

    >>> described(partial(torch.optim.SGD, lr=0.1))
    'SGD(lr=0.1)'
    """
    if not isinstance(make, partial):
        return repr(make)
    return f"{make.func.__name__}({', '.join(f'{name}={value!r}' for name, value in make.keywords.items())})"
