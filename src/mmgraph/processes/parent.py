"""Processes that do not outlive the one that started them."""

import ctypes
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

_PR_SET_PDEATHSIG = 1  # of Linux's prctl.h


def ends_with_parent() -> Callable[[], Any] | None:
    """What a new process calls so that the kernel kills it when its parent ends; None where the kernel cannot.

    Looked up before the fork: what runs between fork and exec must take no lock.

    Example:
        >>> import subprocess
        >>> subprocess.run(["true"], preexec_fn=ends_with_parent()).returncode
        0
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None) if sys.platform == "linux" else None
    return None if prctl is None else partial(prctl, _PR_SET_PDEATHSIG, signal.SIGKILL)
