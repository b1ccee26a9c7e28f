"""All randomness of a run hangs on its seed and the epoch."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

INITIALISATION = 2**32 - 1
"""The stage in which a model draws its first weights."""


def seed_everything(seed: int, stage: int) -> None:
    """Seeds python's, numpy's and torch's generators for one stage of a run: an epoch, or :data:`INITIALISATION`.

    Every epoch starts from its own seed, so a resumed run needs no saved generator state to repeat one.

    >>> seed_everything(0, stage=3); first = torch.rand(1)
    >>> seed_everything(0, stage=3); bool(torch.rand(1) == first)
    True
    >>> seed_everything(0, stage=4); bool(torch.rand(1) == first)
    False
    """
    states = np.random.SeedSequence([seed, stage]).generate_state(3)
    random.seed(int(states[0]))
    np.random.seed(int(states[1]))
    torch.manual_seed(int(states[2]))


@contextmanager
def generators_kept() -> Iterator[None]:
    """Python's, NumPy's and torch's generators are at the end what they were before, whatever was seeded meanwhile.

    >>> torch.manual_seed(7); first = torch.rand(1)  # doctest: +ELLIPSIS
    <torch._C.Generator ...>
    >>> torch.manual_seed(7)  # doctest: +ELLIPSIS
    <torch._C.Generator ...>
    >>> with generators_kept():
    ...     seed_everything(0, stage=3)
    >>> bool(torch.rand(1) == first)
    True
    """
    python = random.getstate()
    numpy = np.random.get_state()
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []
    with torch.random.fork_rng(devices=devices):
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)
