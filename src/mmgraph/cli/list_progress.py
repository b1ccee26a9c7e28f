"""What one sees while lists are written."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from mmgraph.terminal import PlainConsole


@contextmanager
def shown_progress(total: int, what: str) -> Iterator["ListProgress"]:
    """A bar for lists that are done, on a terminal only.

    Args:
        total: how many there are to do.
        what: what they are the lists of, such as ``users``.
    """
    console = PlainConsole()
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    bar = Progress(*columns, TimeRemainingColumn(), console=console, transient=True, disable=not console.is_terminal)
    with bar:
        yield ListProgress(console, bar, total, what)


class ListProgress:
    """The bar, and the line at the end.

    Args:
        console: where they are shown.
        bar: the bar.
        total: how many lists there are to do.
        what: what they are the lists of.
    """

    def __init__(self, console: PlainConsole, bar: Progress, total: int, what: str) -> None:
        self.console = console
        self.bar = bar
        self.what = what
        self.task = bar.add_task(what, total=total)
        self.begun = time.perf_counter()

    def advance(self, count: int) -> None:
        """So many more are done."""
        self.bar.advance(self.task, count)

    def end(self, lists: int, lines: int, out: str) -> None:
        """Prints what was written, and how fast."""
        seconds = time.perf_counter() - self.begun
        rate = lists / max(seconds, 1e-9)
        self.bar.stop()
        self.console.print_line(
            f"{lines:,} lines for {lists:,} {self.what} in {seconds:,.1f} s ({rate:,.0f} a second), written to {out}"
        )
