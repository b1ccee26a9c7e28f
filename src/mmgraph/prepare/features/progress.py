"""What one sees while items are encoded."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mmgraph.terminal import PlainConsole


class ItemProgress:
    """A bar for the items of the modality at hand, and lines above it.

    Args:
        quiet: show nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
        self.console = PlainConsole(quiet=quiet)
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self.bar = Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal)

    def __enter__(self) -> "ItemProgress":
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def line(self, text: str) -> None:
        """Prints a line."""
        self.console.print_line(text)

    @contextmanager
    def of(self, name: str, total: int) -> Iterator[Callable[[int], None]]:
        """Shows a bar meanwhile; gives what is to be called with how many items more are done."""
        task = self.bar.add_task(name, total=total)
        try:
            yield partial(self._advance, task)
        finally:
            self.bar.remove_task(task)

    def _advance(self, task: int, count: int) -> None:
        self.bar.advance(task, count)  # type: ignore[arg-type]  # rich's TaskID is an int by another name
