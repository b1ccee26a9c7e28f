"""What the jobs of a sweep print, when several share a terminal."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from typing import Any

from hydra.types import RunMode


class PrefixedLines(io.TextIOBase):
    """Passes whole lines on, each in one piece behind a prefix, so that lines of several processes do not mix.

    It is no terminal, so nothing draws bars on it.

    Args:
        stream: where the lines go; anything with `write` and `flush`.
        prefix: what stands before each.

    Example:
        >>> lines = PrefixedLines(sys.stdout, "[3] ")
        >>> print("epoch", 1, file=lines)
        [3] epoch 1
    """

    def __init__(self, stream: Any, prefix: str) -> None:
        self.stream, self.prefix, self.unfinished = stream, prefix, ""

    def write(self, text: str) -> int:
        """Passes on the lines that ``text`` completes and keeps the rest."""
        *lines, self.unfinished = (self.unfinished + text).split("\n")
        if lines:
            self.stream.write("".join(f"{self.prefix}{line}\n" for line in lines))
            self.stream.flush()
        return len(text)


@contextmanager
def job_output(hydra_cfg: Any, *, quiet: bool = False) -> Iterator[None]:
    """A job of a sweep prints its number and words first; what jobs side by side print stands behind their numbers.

    Args:
        hydra_cfg: the job's ``hydra`` node.
        quiet: do not print the words (all processes but the first).
    """
    if hydra_cfg.mode is not RunMode.MULTIRUN:
        yield
        return
    alone = hydra_cfg.runtime.choices["hydra/launcher"] == "basic"
    lines = PrefixedLines(sys.stdout, "" if alone else f"[{hydra_cfg.job.num}] ")
    with nullcontext() if alone else redirect_stdout(lines):
        if not quiet:
            print(f"job {hydra_cfg.job.num}: {' '.join(hydra_cfg.overrides.task)}", flush=True)
        yield
        if lines.unfinished:
            print()
