"""Errors of the user's making, in a few lines."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from mmgraph.cli.plain_warnings import plain_warnings
from mmgraph.config.explain import explain
from mmgraph.config.extras import missing_package
from mmgraph.config.memory import is_out_of_memory, memory_message
from mmgraph.processes.interrupts import RESUME, signals_handled
from mmgraph.terminal import close_output, open_streams, printable

USER_ERRORS = (ValueError, KeyError, OSError, FloatingPointError, ModuleNotFoundError)
_FULL = "HYDRA_FULL_ERROR"
_NOBODY_READS = "nobody reads the output any more (| head?); a run that had begun goes on by resume=<run dir>"


class FailedJobError(BaseException):
    """Carries the error of a single run past Hydra, which would add lines of its own.

    Args:
        error: the error.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def friendly_errors(words: Sequence[str], *, go_on: str = RESUME) -> Iterator[bool]:
    """Prints what went wrong and exits with 1; with ``HYDRA_FULL_ERROR=1`` the whole traceback comes instead.

    Meanwhile that variable is set for Hydra; :func:`errors_of_others` is for what starts processes.

    Args:
        words: the command line, to name the keys that one of its words missed.
        go_on: what to do after a signal has ended it.

    Yields:
        Whether tracebacks are wanted.
    """
    full = os.environ.get(_FULL) == "1"
    os.environ[_FULL] = "1"  # Hydra hands errors on instead of printing its own version of them
    open_streams()
    try:
        with plain_warnings(), signals_handled(go_on):
            _check_working_directory()
            yield full
    except (Exception, FailedJobError) as raised:
        _report(raised.error if isinstance(raised, FailedJobError) else raised, words, full)
    finally:
        if not full:
            del os.environ[_FULL]


@contextmanager
def errors_of_others(*, full: bool) -> Iterator[None]:
    """Processes that are started meanwhile report their errors as this one does.

    Args:
        full: with the whole traceback.
    """
    if not full:
        del os.environ[_FULL]
    try:
        yield
    finally:
        os.environ[_FULL] = "1"


def _check_working_directory() -> None:
    try:
        Path.cwd()
    except FileNotFoundError:
        raise ValueError("the working directory has been deleted: change to one that is there") from None


def _report(error: Exception, words: Sequence[str], full: bool) -> None:
    if isinstance(error, BrokenPipeError):
        close_output()
        _stop(_NOBODY_READS, code=128 + signal.SIGPIPE)
    message = error_message(error, words)
    if full or message is None:
        raise error
    _stop(message)


def error_message(error: Exception, words: Sequence[str]) -> str | None:
    """What an error of the user's making means; None for another one.

    Args:
        error: the error.
        words: the command line.
    """
    if isinstance(error, HydraException | OmegaConfBaseException):
        return explain(error, words)
    if is_out_of_memory(error):
        return memory_message(error)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return missing_package(error.name) or str(error)
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename is not None else ""
        return f"{place}{error.strerror}"
    if isinstance(error, KeyError) and error.args:
        return str(error.args[0])
    return (str(error) or type(error).__name__) if isinstance(error, USER_ERRORS) else None


def _stop(message: str, *, code: int = 1) -> None:
    print(f"Error: {printable(message)} ({_FULL}=1 shows where)", file=sys.stderr)
    raise SystemExit(code) from None
