"""What one sees while runs are under way: one bar and a line for each run on a terminal, else a line as each ends."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from mmgraph.evidence.reproduce.plan import Planned
from mmgraph.evidence.reproduce.store import Slot
from mmgraph.terminal import PlainConsole, printable
from mmgraph.training.progress import clock

_EPOCH = re.compile(r"^epoch (\d+) .*?(\d+ of \d+) done, (at most \S+ left)")


@contextmanager
def shown_runs(title: str, *, total: int, done: int, jobs: int) -> Iterator["RunsView"]:
    """The view of the runs of an item.

    Args:
        title: the item.
        total: how many runs it has.
        done: how many of them are finished.
        jobs: how many are under way at a time.
    """
    console = PlainConsole(stderr=True)
    text = TextColumn("{task.description}", markup=False)
    columns = text, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    console.print_line(
        f"{title}: {total} {'run' if total == 1 else 'runs'}, {done} of them finished before; {jobs} at a time"
    )
    with bar:
        yield RunsView(console, bar, title, total=total, done=done)


class RunsView:
    """The bar, and lines of what ends.

    Args:
        console: where they are shown.
        bar: the bar.
        title: the item.
        total: how many runs it has.
        done: how many of them are finished.
    """

    def __init__(self, console: PlainConsole, bar: Progress, title: str, *, total: int, done: int) -> None:
        self.console = console
        self.bar = bar
        self.total = total
        self.done = done
        self.task = bar.add_task(title, total=total, completed=done)
        self.tasks: dict[Slot, TaskID] = {}
        self.begun: dict[Slot, float] = {}

    def running(self, run: Planned, line: str) -> None:
        """A run is under way; ``line`` is the last that it printed."""
        self.begun.setdefault(run.slot, time.monotonic())
        epoch = _EPOCH.match(line)
        self._show(run, f"epoch {epoch[1]}, {epoch[3]}" if epoch else "begins")

    def waiting(self, run: Planned) -> None:
        """Another process trains it."""
        self._show(run, "another process trains it")

    def _show(self, run: Planned, state: str) -> None:
        if run.slot not in self.tasks:
            self.tasks[run.slot] = self.bar.add_task("", total=None)
        self.bar.update(self.tasks[run.slot], description=printable(f"  {run.name}: {state}"))

    def ended(self, run: Planned, reason: str | None) -> None:
        """A run has ended; ``reason``: why it failed."""
        if run.slot in self.tasks:
            self.bar.remove_task(self.tasks.pop(run.slot))
        self.done += 1
        self.bar.update(self.task, completed=self.done)
        took = f" in {clock(time.monotonic() - self.begun[run.slot])}" if run.slot in self.begun else ""
        outcome = "done" if reason is None else "failed"
        because = "" if reason is None else f": {reason}"
        self.console.print_line(f"{self.done} of {self.total}: {run.name}: {outcome}{took}{because}")
