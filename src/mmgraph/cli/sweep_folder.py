"""The folder of a sweep: what was asked for, whether that has ended, which jobs did not come to their end."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from mmgraph.files import atomic_write
from mmgraph.pipeline.run_folder import REPORT
from mmgraph.processes.locks import FolderLock

RECORD = "sweep.json"
_LOCK = ".sweep.lock"
_NOTES = ".notes"
BEGIN_ANEW = "hydra.sweep.dir=<another folder> begins a new one"


class SweepFolder:
    """What ``sweep.json`` in the folder of a sweep holds, and the lock that its process holds.

    Args:
        folder: the folder of the sweep, with a folder for each job.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = FolderLock(folder / _LOCK)

    def begin(self, words: list[str]) -> None:
        """Takes the folder for a sweep, or goes on with the one that is there, and states so.

        Raises:
            SystemExit: if it holds another sweep, or one that is running.
        """
        if not self.lock.held and not self.lock.take():
            raise SystemExit(f"Error: a sweep is running in {self.folder}; {BEGIN_ANEW}")
        begun = self.words
        if begun not in (None, words):
            raise SystemExit(
                f"Error: {self.folder} holds the sweep\n  {' '.join(begun)}\nnot\n  {' '.join(words)}\n{BEGIN_ANEW}"
            )
        if begun:
            done = len(list(self.folder.glob(f"*/{REPORT}")))
            print(f"going on with the sweep in {self.folder}, where {done} jobs are done; {BEGIN_ANEW}", flush=True)
        self._write(words, ended=False)

    def end(self) -> None:
        """Writes that nothing is left to do."""
        self._write(self.words, ended=True)

    @property
    def words(self) -> Any:
        """What was asked for; None where no sweep was begun."""
        return _read(self.folder / RECORD).get("words")

    @property
    def is_unfinished(self) -> bool:
        """Whether a sweep was begun and has not ended."""
        return _read(self.folder / RECORD).get("ended") is False

    def _write(self, words: list[str], *, ended: bool) -> None:
        with atomic_write(self.folder / RECORD) as file:
            json.dump({"words": words, "ended": ended}, file, indent=1)


def note_end(run_dir: Path, words: list[str], why: str) -> None:
    """Keeps why a job did not come to its end, beside its folder: one that failed at its first step has none."""
    with atomic_write(run_dir.parent / _NOTES / f"{run_dir.name}.json") as file:
        json.dump({"words": words, "note": why}, file, indent=1)


def forget_note(run_dir: Path) -> None:
    """A job that begins, or goes on, has not failed yet."""
    (run_dir.parent / _NOTES / f"{run_dir.name}.json").unlink(missing_ok=True)


def read_notes(folder: Path) -> dict[str, dict[str, Any]]:
    """The ``words`` of each job of a sweep that failed or was pruned, and a ``note`` that says why, by its name."""
    return {path.stem: _read(path) for path in (folder / _NOTES).glob("*.json")}


def _read(path: Path) -> dict[str, Any]:
    """What a file of ours holds; nothing where there is none, or another's."""
    with suppress(OSError, ValueError):
        found = json.loads(path.read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}
    return {}
