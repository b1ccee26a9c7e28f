"""What makes a run repeat to the bit, for as long as it takes."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

_DENORMAL = 1e-310


@contextmanager
def repeatable() -> Iterator[None]:
    """Deterministic algorithms, and denormal numbers that count as 0; both as they were before at the end.

    The command line sets the same for its whole process.

    Example:
        >>> with repeatable():
        ...     torch.are_deterministic_algorithms_enabled()
        True
        >>> torch.are_deterministic_algorithms_enabled()
        False
    """
    deterministic = torch.are_deterministic_algorithms_enabled()
    warns_only = torch.is_deterministic_algorithms_warn_only_enabled()
    filled = torch.utils.deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    flushed = _flushes_denormals()
    torch.set_flush_denormal(True)
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    try:
        yield
    finally:
        torch.utils.deterministic.fill_uninitialized_memory = filled  # type: ignore[attr-defined]
        torch.use_deterministic_algorithms(deterministic, warn_only=warns_only)
        torch.set_flush_denormal(flushed)


def _flushes_denormals() -> bool:
    """Whether this thread takes denormal numbers for 0; torch can set that, not report it."""
    return not (torch.full((1,), _DENORMAL, dtype=torch.float64) * 0.5).item()
