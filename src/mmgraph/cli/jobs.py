"""The jobs of a sweep: what they print when several share a terminal, and when they end."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from typing import Any

from hydra.types import RunMode

from mmgraph.cli.plain_warnings import plain_warnings
from mmgraph.cli.pruning import PrunedTrialError
from mmgraph.cli.sweep_folder import forget_note, note_end
from mmgraph.processes.parent import ends_with_parent


def is_first_process() -> bool:
    """Whether this is the process that writes, or the only one."""
    return os.environ.get("RANK", "0") == "0"


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
        self.stream = stream
        self.prefix = prefix
        self.unfinished = ""

    def write(self, text: str) -> int:
        """Passes on the lines that ``text`` completes and keeps the rest."""
        *lines, self.unfinished = (self.unfinished + text).split("\n")
        if lines:
            self.stream.write("".join(f"{self.prefix}{line}\n" for line in lines))
            self.stream.flush()
        return len(text)


@contextmanager
def sweep_job(hydra_cfg: Any) -> Iterator[None]:
    """A job of a sweep states which one it is, leaves a note if it fails, and does not outlive a killed sweep.

    Outside a sweep nothing of all this happens.

    Args:
        hydra_cfg: the job's ``hydra`` node.
    """
    if hydra_cfg.mode is not RunMode.MULTIRUN:
        yield
        return
    launcher = hydra_cfg.runtime.choices["hydra/launcher"]
    if launcher in ("joblib", "forked") and (end := ends_with_parent()):
        end()  # a killed sweep's workers would train on for nobody
    run_dir = Path(hydra_cfg.runtime.output_dir)
    lines = PrefixedLines(sys.stdout, "" if launcher == "basic" else f"[{run_dir.name}] ")
    with plain_warnings(), nullcontext() if launcher == "basic" else redirect_stdout(lines):
        if is_first_process():
            print(f"job {run_dir.name}: {' '.join(hydra_cfg.overrides.task)}", flush=True)
            forget_note(run_dir)
        try:
            yield
        except Exception as error:
            if is_first_process():
                pruned = isinstance(error, PrunedTrialError)
                why = str(error) if pruned else f"failed: {type(error).__name__}: {error}"
                note_end(run_dir, list(hydra_cfg.overrides.task), why)
            raise
        if lines.unfinished:
            print()
