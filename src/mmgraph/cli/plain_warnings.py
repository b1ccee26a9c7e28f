"""Warnings as users read them: one line, without the place in the code."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from mmgraph.terminal import printable


@contextmanager
def plain_warnings() -> Iterator[None]:
    """Prints warnings of the block as ``Warning: ...`` to the error output."""
    before = warnings.showwarning
    warnings.showwarning = _show
    try:
        yield
    finally:
        warnings.showwarning = before


def _show(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    print(f"Warning: {printable(' '.join(str(message).split()))}", file=sys.stderr)
