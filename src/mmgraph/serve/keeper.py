"""Which run is served now, and its change when the pointer file names another one."""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from mmgraph.serve.metrics import Metrics
from mmgraph.serve.served import ServedRun

log = logging.getLogger("mmgraph.serve")
_LONGEST_POINTER = 4096
_Signature = tuple[int, int, int]


class Keeper:
    """Holds the run that is served; each process has its own and watches the pointer file by itself.

    A newer run is loaded in a thread while the old one answers, and takes its place by one assignment: no request sees
    half of each, none waits. A run that cannot be loaded leaves the old one where it is.

    Args:
        place: a run's folder, or a pointer file.
        load: makes what is served of a folder.
        metrics: where changes are counted.
    """

    def __init__(self, place: Path, load: Callable[[Path], ServedRun], metrics: Metrics) -> None:
        self.place = place
        self.current: ServedRun | None = None
        self._load = load
        self._metrics = metrics
        self._seen: _Signature | None = None

    def change(self) -> None:
        """Loads the run that there is now, and serves it from then on.

        Raises:
            Exception: whatever is wrong with it; what was served before is served on.
        """
        started = time.perf_counter()
        self._seen = _signature(self.place)
        folder = run_folder(self.place)
        self.current = self._load(folder)
        self._metrics.run_loaded(time.time())
        log.info("serving %s, loaded in %.2f s", folder, time.perf_counter() - started)

    async def watch(self, seconds: float) -> None:
        """Loads whatever the pointer file names later; ends when cancelled."""
        while True:
            await asyncio.sleep(seconds)
            if _signature(self.place) != self._seen:
                await self._try_to_change()

    async def _try_to_change(self) -> None:
        try:
            await asyncio.to_thread(self.change)
        except Exception as error:
            assert self.current is not None
            self._metrics.load_failed()
            log.error("could not load what %s names: %s; %s is served on", self.place, error, self.current.name)


def run_folder(place: Path) -> Path:
    """The run's folder that ``place`` is, or names.

    Raises:
        FileNotFoundError: if there is neither a folder nor a pointer file, or no folder that it names.
        ValueError: if the pointer file does not hold one path.
    """
    if place.is_dir():
        return place
    if not place.exists():
        raise FileNotFoundError(f"{place}: there is no such run folder, nor a pointer file of that name")
    with place.open(encoding="utf-8") as file:
        try:
            lines = file.read(_LONGEST_POINTER).splitlines()
        except UnicodeDecodeError:
            lines = []
    if len(lines) != 1 or not lines[0].strip():
        raise ValueError(
            f"{place}: a pointer file holds one line, the path of a run's folder; found {len(lines)} lines"
        )
    folder = place.parent / Path(lines[0].strip()).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(f"{place}: it names {folder}, which is no folder")
    return folder


def _signature(place: Path) -> _Signature | None:
    """What changes whenever the pointer file is replaced, written or touched; a folder is not watched."""
    try:
        found = place.stat()
    except OSError:
        return None
    return None if place.is_dir() else (found.st_mtime_ns, found.st_ino, found.st_size)
