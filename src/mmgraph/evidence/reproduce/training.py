"""Runs side by side, each in a process of its own; a crash of one is its row's note, a kill costs an epoch at most."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from mmgraph.config.values import setting
from mmgraph.evidence.reproduce.plan import Planned
from mmgraph.evidence.reproduce.store import Slot
from mmgraph.processes.parent import ends_with_parent

COMMAND = (sys.executable, "-m", "mmgraph.cli.train")
FUSE = (sys.executable, "-m", "mmgraph.cli.fuse")
_PAUSE = 0.2
_STOP_SECONDS = 30
_ERROR = re.compile(r"^Error: (.*?)(?: \(HYDRA_FULL_ERROR=1 shows where\))?$", re.MULTILINE)
_LAST_BYTES = 4000
_CHANGED = "its configuration has changed since this command planned it; the same command plans anew, and runs it"


@runtime_checkable
class View(Protocol):
    """Whoever shows how far the runs are."""

    def running(self, run: Planned, line: str) -> None:
        """A run is under way; ``line`` is the last that it printed."""

    def waiting(self, run: Planned) -> None:
        """Another process trains it."""

    def ended(self, run: Planned, reason: str | None) -> None:
        """A run has ended; ``reason``: why it failed."""


@dataclass
class _Job:
    run: Planned
    process: subprocess.Popen[bytes]


def train_all(slots: Mapping[Slot, Planned], *, jobs: int, view: View) -> dict[Slot, str]:
    """Trains what is not finished; goes on with what was cut off.

    A run that another process trains is waited for, and so are the members of a fusion.

    Args:
        slots: the runs by their places.
        jobs: how many at a time.
        view: is told how far they are.

    Returns:
        Why runs failed, by their places.
    """
    left = [slot for slot in slots if not slot.is_finished]
    failed: dict[Slot, str] = {}
    with _jobs() as running:
        while left or running:
            for slot in [slot for slot in left if any(member in failed for member in slots[slot].members)]:
                left.remove(slot)
                failed[slot] = "a run that it fuses failed"
                view.ended(slots[slot], failed[slot])
            for slot in _begin(left, slots, running, jobs, view):
                failed[slot] = _CHANGED
                view.ended(slots[slot], _CHANGED)
            for slot, job in list(running.items()):
                if job.process.poll() is None:
                    view.running(job.run, _last_line(slot.log))
                    continue
                del running[slot]
                slot.lock.give_back()
                reason = None if slot.is_finished else _reason(slot.log, job.process.returncode)
                if reason is not None:
                    failed[slot] = reason
                view.ended(job.run, reason)
            time.sleep(_PAUSE)
    return failed


@contextmanager
def _jobs() -> Iterator[dict[Slot, _Job]]:
    """Jobs end with whatever ends this: at a signal each writes its checkpoint first."""
    running: dict[Slot, _Job] = {}
    try:
        yield running
    finally:
        for job in running.values():
            job.process.terminate()
        for slot, job in running.items():
            try:
                job.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                job.process.kill()
                job.process.wait()
            slot.lock.give_back()


def _begin(
    left: list[Slot], slots: Mapping[Slot, Planned], running: dict[Slot, _Job], jobs: int, view: View
) -> Iterator[Slot]:
    """Starts what there is room for; what others train stays in the list.

    Yields what is not started, for it would be another run than was planned.
    """
    for slot in list(left):
        if len(running) >= jobs:
            return
        if not all(member.is_finished for member in slots[slot].members):
            continue
        if not slot.lock.take():
            view.waiting(slots[slot])
            continue
        left.remove(slot)
        if slot.is_finished:  # by another process, since it was looked at
            slot.lock.give_back()
            view.ended(slots[slot], None)
        elif not slot.is_begun and not slots[slot].is_as_planned:
            slot.lock.give_back()
            yield slot
        else:
            running[slot] = _Job(slots[slot], _start(slots[slot]))
            view.running(slots[slot], "")


def _start(run: Planned) -> "subprocess.Popen[bytes]":
    """The lock goes along: it is held for as long as the run or this process lives."""
    slot = run.slot
    assert slot.lock.descriptor is not None
    slot.folder.parent.mkdir(parents=True, exist_ok=True)
    os.set_inheritable(slot.lock.descriptor, True)
    with slot.log.open("wb") as log:
        return subprocess.Popen(
            _command(run),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={"OMP_NUM_THREADS": "1", **os.environ},
            pass_fds=[slot.lock.descriptor],
            preexec_fn=ends_with_parent(),
        )


def _command(run: Planned) -> list[str]:
    folder = run.slot.folder
    if run.members:
        return [*FUSE, *(str(member.folder) for member in run.members), f"folder={folder}"]
    if run.slot.is_begun:
        places = [word for word in run.words if word.startswith("data_root=")]
        return [*COMMAND, f"resume={folder}", *places]
    return [*COMMAND, *run.words, setting("hydra.run.dir", str(folder))]


def _last_line(log: Path) -> str:
    lines = _tail(log).splitlines()
    return lines[-1] if lines else ""


def _tail(log: Path) -> str:
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _LAST_BYTES))
        return file.read().decode(errors="replace")


def _reason(log: Path, code: int) -> str:
    """Why a run failed, in its own words."""
    if code < 0:
        return f"ended by {signal.Signals(-code).name} (was there memory enough?)"
    text = _tail(log)
    errors = _ERROR.findall(text)
    return errors[-1] if errors else (_last_line(log) or f"exit code {code}")
