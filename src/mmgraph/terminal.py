"""What people see: text that no name or path can turn into commands of the terminal or of rich."""

import os
import sys

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

_KEPT = "\n\t"
_WIDEST = 1000


def printable(value: object) -> str:
    r"""Text with control characters and what no encoding has written as escapes; line breaks stay.

    >>> printable("a\x1b[31mb\r\udcff")
    'a\\x1b[31mb\\r\\udcff'
    """
    return "".join(c if c.isprintable() or c in _KEPT else _escaped(c) for c in str(value))


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


class PlainConsole(Console):
    """rich's console for lines that are shown as they are: ``[x]`` and ``:x:`` in a name mean nothing here.

    Args:
        quiet: show nothing.
        stderr: write to the error output.
    """

    def __init__(self, *, quiet: bool = False, stderr: bool = False) -> None:
        super().__init__(quiet=quiet, stderr=stderr, markup=False, emoji=False, highlight=False)

    def print_line(self, text: object) -> None:
        """Prints text, which a narrow terminal breaks where it must."""
        self.print(printable(text), soft_wrap=True)

    def table(self, table: Table) -> None:
        """Prints a table as wide as its figures are; a narrow terminal would leave dots in the place of digits."""
        unbounded = self.options.update(max_width=_WIDEST)
        narrow = self.width
        needed = Measurement.get(self, unbounded, table).maximum
        self.width = max(narrow, needed)  # printing takes no more than the console has
        self.print(table, crop=False)
        self.width = narrow

    def on_broken_pipe(self) -> None:
        """Has the command line say that nobody reads any more; rich would end the process without a word."""
        raise BrokenPipeError


def open_streams() -> None:
    """Makes output safe to write: a closed stream goes nowhere, a character that an encoding lacks is escaped.

    Without this the first file that is opened becomes the output, whose number is free, and printing writes to it.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(number)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # for as long as the process
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def close_output() -> None:
    """Has what is left for a pipe that nobody reads go nowhere, so that Python does not try to write it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
