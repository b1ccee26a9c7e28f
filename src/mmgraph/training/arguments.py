"""The numbers that a trainer is given: a configuration is checked by type before, a call from Python is not."""

import math
from numbers import Integral, Real
from typing import Any


def check_numbers(*, lr: Any, clip: Any, seed: Any, **counts: Any) -> None:
    """Refuses numbers that a trainer cannot work with.

    Args:
        lr: a learning rate, or None.
        clip: the largest norm of a gradient, or None.
        seed: of the random numbers.
        counts: whole numbers of at least 1, by name.

    Raises:
        ValueError: names the argument.

    Example:
        >>> check_numbers(lr="1e-3", clip=None, seed=0, max_epochs=1)
        Traceback (most recent call last):
            ...
        ValueError: trainer.lr must be a number of at least 0, such as 1e-3; got '1e-3'
    """
    for name, value in counts.items():
        if not isinstance(value, Integral) or value < 1:
            raise ValueError(f"trainer.{name} must be at least 1, a whole number; got {value!r}")
    if not isinstance(seed, Integral) or seed < 0:
        raise ValueError(f"trainer.seed must be a whole number of at least 0; got {seed!r}")
    if lr is not None and not (isinstance(lr, Real) and 0 <= float(lr) < math.inf):
        raise ValueError(f"trainer.lr must be a number of at least 0, such as 1e-3; got {lr!r}")
    if clip is not None and not (isinstance(clip, Real) and 0 < float(clip) < math.inf):
        raise ValueError(f"trainer.clip must be above 0 and finite, or null, got {clip!r}")
