"""Sweeps that survive a kill: the same command goes on where one was cut off."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra.core.utils import JobReturn, JobStatus
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from mmgraph.cli.jobs import is_first_process
from mmgraph.cli.sweep_folder import RECORD, SweepFolder
from mmgraph.cli.sweep_table import report_sweep

_OPEN: list[SweepFolder] = []
"""The sweep of this process, if any. Not the callback's own: Hydra sends callbacks to the processes of jobs."""


class SweepCallback(Callback):
    """Finds the folder of a sweep that was begun with the same words and has not ended, and lets it go on there."""

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Chooses the folder and writes what is being swept into it; Hydra would turn an exception into a warning.

        Raises:
            SystemExit: if the folder holds another sweep, or one that is running.
        """
        if not is_first_process():
            return
        words = [*sweep_words(config), *_search_words(config)]
        pattern = _pattern(config)
        is_dated = "${now:" in pattern  # one that was named is the one to use
        sweep = _unfinished(pattern, words) if is_dated else None
        folder = Path(config.hydra.sweep.dir)
        sweep = sweep or SweepFolder(_new_folder(folder) if is_dated else folder)
        set_hydra_key(config, "sweep.dir", str(sweep.folder))
        sweep.begin(words)
        _OPEN.append(sweep)

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Writes that nothing is left to do."""
        for sweep in _OPEN:
            sweep.end()


def _value_of(job: JobReturn) -> Any:
    """What a job returned; raises its error."""
    if job.status is JobStatus.FAILED:
        raise job._return_value
    return job._return_value


# Hydra's own also prints the words of a failed job, as a list of Python; the sweep's table reports them.
JobReturn.return_value = property(_value_of, JobReturn.return_value.fset)  # type: ignore[assignment,method-assign,attr-defined]


@contextmanager
def sweep_reported() -> Iterator[None]:
    """A sweep that is run meanwhile ends with its table, also where a job has failed."""
    try:
        yield
        _report()
    except Exception:
        _report()
        raise
    finally:
        while _OPEN:
            _OPEN.pop().lock.give_back()


def _report() -> None:
    for sweep in _OPEN:
        report_sweep(sweep.folder)


def sweep_words(config: DictConfig) -> list[str]:
    """What is swept, in the order of the jobs: the command line without where it runs, and the sweeper's ranges."""
    ranges = OmegaConf.to_container(config.hydra.sweeper.get("params") or OmegaConf.create({}))
    assert isinstance(ranges, dict)
    words = [word for word in config.hydra.overrides.task if not word.startswith("launcher=")]
    return [*words, *(f"{name!s}={values}" for name, values in ranges.items())]


def set_hydra_key(config: DictConfig, key: str, value: str) -> None:
    """Sets a key of the ``hydra`` node for the sweeper, and for its jobs, which compose theirs from words."""
    quoted = value.replace("'", "\\'")
    with read_write(config), open_dict(config):
        OmegaConf.update(config.hydra, key, value)
        config.hydra.overrides.hydra.append(f"hydra.{key}='{quoted}'")


def _search_words(config: DictConfig) -> list[str]:
    """How a search chooses; its budget may grow."""
    sweeper = config.hydra.sweeper
    names = ("sampler", "seed", "pruner", "startup_trials", "warmup_epochs")
    return [f"hydra.sweeper.{name}={sweeper[name]}" for name in names if name in sweeper]


def _pattern(config: DictConfig) -> str:
    """The sweep's folder, its interpolations as they are."""
    sweep = OmegaConf.to_container(config.hydra.sweep, resolve=False)
    assert isinstance(sweep, dict)
    return str(sweep["dir"])


def _unfinished(pattern: str, words: list[str]) -> SweepFolder | None:
    """The newest sweep of these words that has not ended and is not running; its lock is taken."""
    parts = Path(pattern).parts
    first = next(position for position, part in enumerate(parts) if "${" in part)
    names = "/".join(["*"] * len(parts[first:]))
    for record in sorted(Path(*parts[:first]).glob(f"{names}/{RECORD}"), reverse=True):
        sweep = SweepFolder(record.parent)
        if sweep.words == words and sweep.is_unfinished and sweep.lock.take():
            if sweep.is_unfinished:  # still, now that nobody else can end it
                return sweep
            sweep.lock.give_back()
    return None


def _new_folder(folder: Path) -> Path:
    """Makes a folder that was not there: two sweeps may begin in the same second."""
    number = 1
    new = folder
    while True:
        try:
            new.mkdir(parents=True)
            return new
        except FileExistsError:
            number += 1
            new = folder.with_name(f"{folder.name}-{number}")
