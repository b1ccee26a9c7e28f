"""Errors of the user's making, told in a few lines."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from mmgraph.cli.compose import explain

USER_ERRORS = (ValueError, KeyError, OSError, FloatingPointError, ModuleNotFoundError)
_FULL = "HYDRA_FULL_ERROR"


class _Terminated(BaseException):
    """What a SIGTERM becomes."""


def _raise_terminated(*_: object) -> None:
    raise _Terminated


@contextmanager
def friendly_errors(overrides: Sequence[str]) -> Iterator[None]:
    """Prints what went wrong and exits with 1; with ``HYDRA_FULL_ERROR=1`` the whole traceback comes instead.

    Args:
        overrides: the command line's words, to name the keys that one of them missed.
    """
    full = os.environ.get(_FULL) == "1"
    os.environ[_FULL] = "1"  # Hydra hands errors on instead of printing its own version of them
    terminate = signal.signal(signal.SIGTERM, _raise_terminated)
    try:
        yield
    except (HydraException, OmegaConfBaseException) as error:
        if full:
            raise
        _stop(explain(str(error), overrides))
    except USER_ERRORS as error:
        if full:
            raise
        _stop(str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error))
    except KeyboardInterrupt:
        _stop("interrupted; resume=<run dir> goes on with the unfinished epoch", code=130)
    except _Terminated:
        _stop(
            "ended from outside by SIGTERM (a scheduler, or torchrun after another process had failed); "
            "resume=<run dir> goes on with the unfinished epoch",
            code=128 + signal.SIGTERM,
        )
    finally:
        signal.signal(signal.SIGTERM, terminate)
        if not full:
            del os.environ[_FULL]


def _stop(message: str, *, code: int = 1) -> None:
    print(f"Error: {message}\n({_FULL}=1 shows where it was raised)", file=sys.stderr)
    raise SystemExit(code) from None
