"""What makes a run repeat to the bit, for as long as it takes."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch

_DENORMAL = 1e-310
_ONE_AT_A_TIME = threading.RLock()
"""Switches and random generators are the process's, not the thread's."""


def set_repeatable() -> None:
    """Runs repeat to the bit from here on, and denormal numbers count as 0, in threads that are started later, too.

    Weights that L2 takes to 0 pass through denormal numbers, which made steps ten times as long.
    """
    torch.set_flush_denormal(True)
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # nothing reads it


@contextmanager
def repeatable() -> Iterator[None]:
    """Deterministic algorithms, denormal numbers that count as 0, and torch as it starts; at the end as it was before.

    The command line sets the same for its whole process. Another thread that comes here waits.

    Example:
        >>> before = torch.are_deterministic_algorithms_enabled()
        >>> with repeatable():
        ...     torch.are_deterministic_algorithms_enabled()
        True
        >>> torch.are_deterministic_algorithms_enabled() == before
        True
    """
    with _ONE_AT_A_TIME, _as_torch_starts(), _switched():
        yield


@contextmanager
def _as_torch_starts() -> Iterator[None]:
    """Gradients, fp32, the CPU and no autocast, in whatever context of a notebook this is."""
    dtype = torch.get_default_dtype()
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        if torch.get_default_device().type != "cpu":
            stack.enter_context(torch.device("cpu"))
        for kind in filter(torch.is_autocast_enabled, ("cpu", "cuda")):
            stack.enter_context(torch.autocast(kind, enabled=False))
        torch.set_default_dtype(torch.float32)
        try:
            yield
        finally:
            torch.set_default_dtype(dtype)


@contextmanager
def _switched() -> Iterator[None]:
    deterministic = torch.are_deterministic_algorithms_enabled()
    warns_only = torch.is_deterministic_algorithms_warn_only_enabled()
    filled = torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    flushed = _flushes_denormals()
    set_repeatable()
    try:
        yield
    finally:
        torch.utils.deterministic.fill_uninitialized_memory = filled  # type: ignore[attr-defined]
        torch.use_deterministic_algorithms(deterministic, warn_only=warns_only)
        torch.set_flush_denormal(flushed)


def _flushes_denormals() -> bool:
    """Whether this thread takes denormal numbers for 0; torch can set that, not report it."""
    return not (torch.full((1,), _DENORMAL, dtype=torch.float64) * 0.5).item()
