"""What a scheduler's SIGTERM and a Ctrl-C end in: a sentence and the exit code that shells expect."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_MEANING = {
    signal.SIGTERM: "ended from outside by SIGTERM (a scheduler, or torchrun after another process had failed)",
    signal.SIGINT: "interrupted",
}
RESUME = "resume=<run dir> goes on with the unfinished epoch"
"""How a run goes on."""
_arrived: list[signal.Signals] = []


class _Ended(BaseException):
    """What a signal becomes; other code may turn it into an error of its own, as torch's writer does."""


def _end(number: int, frame: FrameType | None) -> NoReturn:
    _arrived.append(signal.Signals(number))
    raise _Ended


def raise_if_interrupted() -> None:
    """Ends what runs if a signal has asked this process to end: then the error at hand is that signal in disguise."""
    if _arrived:
        raise _Ended from None


@contextmanager
def signals_handled(go_on: str = RESUME) -> Iterator[None]:
    """SIGTERM exits with 143 and Ctrl-C with 130, each with a line on how to go on, whatever came of them.

    Args:
        go_on: that line.
    """
    if threading.current_thread() is not threading.main_thread():  # a worker of Ray: Python has signals in one only
        yield
        return
    before = {number: signal.getsignal(number) for number in _MEANING}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # as it is under nohup and in the background of a script
            signal.signal(number, _end)
    try:
        yield
    except BaseException:
        if _arrived:
            _stop(_arrived[0], go_on)
        raise
    finally:
        _arrived.clear()
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)  # None: one that C code has set


def _stop(number: signal.Signals, go_on: str) -> NoReturn:
    for late in _MEANING:  # schedulers repeat themselves
        signal.signal(late, signal.SIG_IGN)
    print(f"Error: {_MEANING[number]}; {go_on}", file=sys.stderr)
    raise SystemExit(128 + number) from None
