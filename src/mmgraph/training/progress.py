"""What one sees while a model trains."""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from types import TracebackType
from typing import TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from mmgraph.terminal import PlainConsole
from mmgraph.training.checkpoint import Row

Step = TypeVar("Step")


def clock(seconds: float) -> str:
    """Seconds for people to read.

    >>> clock(59.6), clock(3725)
    ('1:00', '1:02:05')
    """
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


class TrainingProgress:
    """A bar for the steps of the epoch at hand, then for the users ranked, and a line for each epoch that is over.

    Epochs are numbered from 0, as in the files.

    The time left is the most there can be, to ``max_epochs`` at the present pace; early stopping may end a run sooner.

    Args:
        max_epochs: epochs at the most.
        monitor: the validation metric to show.
        quiet: show nothing (all processes but the first).
    """

    def __init__(self, *, max_epochs: int, monitor: str, quiet: bool = False) -> None:
        self.max_epochs = max_epochs
        self.monitor = monitor
        self.noted: set[str] = set()
        self.console = PlainConsole(quiet=quiet)
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        self.bar = Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal)
        self.task = self.bar.add_task("", total=None)

    def __enter__(self) -> "TrainingProgress":
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def steps(self, steps: Iterable[Step], *, epoch: int, total: int) -> Iterator[Step]:
        """Passes the steps of an epoch on and counts them."""
        self.bar.reset(self.task, description=f"epoch {epoch}", total=total)
        for step in steps:
            yield step
            self.bar.advance(self.task)

    def ranking(self, total: int) -> Callable[[int], None]:
        """Shows the bar for so many users; what is returned counts those that are ranked."""
        self.bar.reset(self.task, description="ranking users", total=total)
        return partial(self.bar.advance, self.task)

    def epoch(self, row: Row, *, best: bool, idle: Collection[str] = ()) -> None:
        """Prints the line of a finished epoch.

        Args:
            row: its row in the history.
            best: whether it is the best so far.
            idle: loss terms that can only be 0; they are printed once and left out of the lines.
        """
        for name in sorted(set(idle) - self.noted):
            self.console.print_line(
                f"loss term {name} has no two views to compare (it needs two modalities): it is 0 throughout"
            )
        self.noted |= set(idle)
        epoch = int(row["epoch"])
        seconds = row["seconds"] + row.get("evaluation_seconds", 0.0)
        terms = {name[5:]: value for name, value in row.items() if name.startswith("loss/")}
        losses = "  ".join(f"{name} {value:.4f}" for name, value in terms.items() if name not in idle)
        value = row.get(f"val/{self.monitor}")
        metric = "" if value is None else f"val {self.monitor} {value:.5f}{' (best)' if best else ''}  "
        left = clock(seconds * (self.max_epochs - epoch - 1))
        done = f"{epoch + 1} of {self.max_epochs} done, at most {left} left"
        self.console.print_line(f"epoch {epoch}  {losses}  {metric}{seconds:.1f} s, {done}")
