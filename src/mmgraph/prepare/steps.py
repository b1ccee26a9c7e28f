"""What each step left: shown as it happens, and kept for ``dataset.json``."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from mmgraph.prepare.engine import Engine
from mmgraph.terminal import PlainConsole, printable

_COUNTS = "SELECT count(*), count(DISTINCT u), count(DISTINCT i) FROM pairs"


class _Share(ProgressColumn):
    """The share of the running statement that is done, asked for at each refresh."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine

    def render(self, task: Task) -> Text:
        return Text(f"{self.engine.progress:4.0%}")


class Steps:
    """The steps of a preparation, one line each.

    Args:
        quiet: show nothing.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = PlainConsole(quiet=quiet, stderr=True)
        self.done: list[dict[str, Any]] = []
        self.notes: list[str] = []

    def report(self, text: str) -> None:
        """Tells what matters now only."""
        self.console.print_line(text)

    def notes_of(self, texts: Iterable[str]) -> None:
        """Tells what belongs in ``dataset.json`` too."""
        for text in texts:
            self.notes.append(text)
            self.report(text)

    @contextmanager
    def working(self, name: str, engine: Engine) -> Iterator[None]:
        """Shows what is being done, and how much of it is, while it lasts."""
        columns = TextColumn("{task.description}", markup=False), BarColumn(), _Share(engine), TimeElapsedColumn()
        shown = self.console.is_terminal and not self.console.quiet
        with Progress(*columns, console=self.console, transient=True, disable=not shown) as bar:
            bar.add_task(printable(name), total=None)
            yield

    @contextmanager
    def step(self, name: str, engine: Engine) -> Iterator[None]:
        """Shows a step, counts what it left of ``pairs`` and reports it.

        Raises:
            ValueError: it left nothing.
        """
        start = monotonic()
        with self.working(name, engine):
            yield
            rows, users, items = engine.rows(_COUNTS)[0]
        if not rows:
            raise ValueError(f"{name}: no interaction is left")
        self.done.append({"step": name, "interactions": rows, "users": users, "items": items})
        seconds = monotonic() - start
        self.report(f"{name}: {rows:,} interactions, {users:,} users, {items:,} items ({seconds:.1f} s)")
