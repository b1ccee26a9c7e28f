"""Errors of the user's making, told in a few lines."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from mmgraph.cli.compose import explain
from mmgraph.cli.interrupts import signals_told

USER_ERRORS = (ValueError, KeyError, OSError, FloatingPointError, ModuleNotFoundError)
_FULL = "HYDRA_FULL_ERROR"


@contextmanager
def friendly_errors(overrides: Sequence[str]) -> Iterator[None]:
    """Prints what went wrong and exits with 1; with ``HYDRA_FULL_ERROR=1`` the whole traceback comes instead.

    Args:
        overrides: the command line's words, to name the keys that one of them missed.
    """
    full = os.environ.get(_FULL) == "1"
    os.environ[_FULL] = "1"  # Hydra hands errors on instead of printing its own version of them
    try:
        with signals_told():
            yield
    except (HydraException, OmegaConfBaseException) as error:
        if full:
            raise
        _stop(explain(str(error), overrides))
    except USER_ERRORS as error:
        if full:
            raise
        _stop(str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error))
    finally:
        if not full:
            del os.environ[_FULL]


def _stop(message: str) -> None:
    print(f"Error: {message}\n({_FULL}=1 shows where it was raised)", file=sys.stderr)
    raise SystemExit(1) from None
