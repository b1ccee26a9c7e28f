"""What each step left: told as it happens, and kept for ``dataset.json``."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from mmgraph.prepare.engine import Engine
from mmgraph.terminal import PlainConsole

_COUNTS = "SELECT count(*), count(DISTINCT u), count(DISTINCT i) FROM pairs"


class Steps:
    """The steps of a preparation, one line each.

    Args:
        quiet: show nothing.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = PlainConsole(quiet=quiet, stderr=True)
        self.done: list[dict[str, Any]] = []
        self.notes: list[str] = []

    def tell(self, text: str) -> None:
        """Tells what matters now only."""
        self.console.print_line(text)

    def notes_of(self, texts: Iterable[str]) -> None:
        """Tells what belongs in ``dataset.json`` too."""
        for text in texts:
            self.notes.append(text)
            self.console.print_line(text)

    @contextmanager
    def step(self, name: str, engine: Engine) -> Iterator[None]:
        """Times a step, counts what it left of ``pairs`` and tells both."""
        start = monotonic()
        with self.console.status(name):
            yield
            rows, users, items = engine.rows(_COUNTS)[0]
        self.done.append({"step": name, "interactions": rows, "users": users, "items": items})
        seconds = monotonic() - start
        self.console.print_line(f"{name}: {rows:,} interactions, {users:,} users, {items:,} items ({seconds:.1f} s)")
