"""Memory and disk: what may be taken, what is needed, and a folder that appears whole or not at all."""

import glob
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from mmgraph.prepare.inputs import Inputs
from mmgraph.prepare.sources.folders import PACKED, files_of
from mmgraph.processes.locks import FolderLock

_UNITS = " KMGT"
_SIZE = re.compile(r"(?P<number>[0-9]+(\.[0-9]+)?)\s*(?P<unit>[KMGT]?)(?P<binary>i?)B?", re.IGNORECASE)
_LEAST = 500 * 10**6
_MOST = 4 * 10**9
_DISK = 3.0
"""Bytes on the disk at the worst moment for each byte of text, measured."""
_LOCK = ".lock"
_UNPACKED = 5
"""Bytes of text in a packed byte."""


class Work(NamedTuple):
    """Where a folder is made.

    Attributes:
        folder: becomes the result.
        scratch: for everything else.
    """

    folder: Path
    scratch: Path


def memory_bytes(given: str | int | None) -> int:
    """Bytes of memory from a number or a text; by default half of the machine's, 4 GB at most.

    Raises:
        ValueError: the text is no size, or it is too little to work with.

    Example:
        >>> memory_bytes("1.5GB"), memory_bytes("2GiB")
        (1500000000, 2147483648)
    """
    if given is None:
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 2 * _MOST
        return max(_LEAST, min(_MOST, machine // 2))
    size = _SIZE.fullmatch(str(given).strip())
    if size is None:
        raise ValueError(f"memory={given!r}: must be a size, as in 4GB")
    power = _UNITS.index(size["unit"].upper() or " ")
    found = int(float(size["number"]) * (1024 if size["binary"] else 1000) ** power)
    if found < _LEAST:
        raise ValueError(f"memory={given!r}: must be at least {_LEAST // 10**6} MB")
    return found


@contextmanager
def new_folder(out: Path) -> Iterator[Work]:
    """A folder to fill that takes the place of ``out`` when all went well; else nothing is left of it.

    What a killed process left of an ``out`` of this name is removed.

    Raises:
        FileExistsError: ``out`` is there.
    """
    if out.exists():
        raise FileExistsError(f"out={out} is there already: choose another folder, or remove it first")
    _remove_left(out)
    work = out.parent / f".{out.name}.{uuid.uuid4().hex}.tmp"
    places = Work(work / "folder", work / "scratch")
    lock = FolderLock(work / _LOCK)
    lock.take()
    try:
        for place in places:
            place.mkdir(parents=True)
        yield places
        for file in places.folder.iterdir():
            with file.open("rb") as written:
                os.fsync(written.fileno())
        places.folder.rename(out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
        lock.give_back()


def _remove_left(out: Path) -> None:
    """Removes folders of processes that were killed; those of living ones are locked."""
    for left in out.parent.glob(f".{glob.escape(out.name)}.{'[0-9a-f]' * 32}.tmp"):
        lock = FolderLock(left / _LOCK)
        if (left / _LOCK).exists() and lock.take():
            shutil.rmtree(left, ignore_errors=True)
            lock.give_back()


def check_disk(inputs: Inputs, work: Work) -> str:
    """Compares what is going to be needed with what is free; returns a sentence for people.

    Raises:
        OSError: there is too little room.
    """
    paths = [
        path for given in (*inputs.interactions.values(), inputs.items) for path in given if isinstance(path, Path)
    ]
    files = [file.path for path in paths for file in files_of(path)]
    text = sum(file.stat().st_size * (_UNPACKED if file.suffix.lower() in PACKED else 1) for file in files)
    features = sum(file.stat().st_size for path in paths if path.is_dir() for file in path.glob("*_feat.npy"))
    needed = int(_DISK * text) + features
    free = shutil.disk_usage(work.scratch).free
    place = work.scratch.parent.parent.absolute()
    note = f"about {_size(needed)} of disk in {place}, of {_size(free)} free"
    if needed > free:
        raise OSError(f"this needs {note}: make room, or choose out= on another disk")
    return note


def _size(count: int) -> str:
    return f"{count / 10**9:.1f} GB" if count >= 10**9 else f"{count / 10**6:.1f} MB"
