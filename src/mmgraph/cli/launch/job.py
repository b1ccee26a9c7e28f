"""A run of several processes that goes on with those that are left when one is lost."""

import os
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from mmgraph.pipeline.run_folder import CONFIG

Lost = Mapping[int, str]
"""How each worker that was lost ended, by rank; empty where the run came to its end."""

Start = Callable[[list[str], int, "Job"], Lost]
"""Runs the command line in so many workers, waits for them, and raises if they failed by themselves."""

_MODULES = {
    "torchrun": "mmgraph.cli.launch.torchrun",
    "ray": "mmgraph.cli.launch.on_ray",
    "submitit": "mmgraph.cli.launch.by_submitit",
}


class Job(NamedTuple):
    """What starts a run elsewhere than in this process.

    Attributes:
        launcher: the option of the group ``launcher``.
        settings: what ``hydra.launcher`` holds.
        run_dir: the run's folder, which every worker sees.
        processes: workers.
    """

    launcher: str
    settings: dict[str, Any]
    run_dir: Path
    processes: int


def is_worker() -> bool:
    """Whether this process is one of several, whoever started them."""
    return "WORLD_SIZE" in os.environ


def starts_workers(launcher: str, processes: Any, *, sweeps: bool) -> bool:
    """Whether a run is to be started elsewhere than in this process.

    Args:
        launcher: the option of the group ``launcher``.
        processes: what ``processes=`` says.
        sweeps: whether jobs of a sweep are to be run.

    Raises:
        ValueError: if several processes are wanted and nothing here starts them.
    """
    if isinstance(processes, bool) or not isinstance(processes, int) or processes < 1:
        raise ValueError(f"processes={processes} must be a number of processes of one run, 1 or more")
    if sweeps:
        if processes > 1:
            raise ValueError(
                f"processes={processes} is for one run: the jobs of a sweep have a process each; leave it out, or -m"
            )
        return False
    if launcher in _MODULES:
        return True
    if processes > 1:
        raise ValueError(
            f"processes={processes} needs what starts them, and launcher={launcher} starts none: launcher=torchrun "
            "does on this machine, launcher=ray on a Ray cluster, launcher=submitit by Slurm"
        )
    return False


def launch(job: Job, words: Sequence[str]) -> None:
    """Starts the workers and waits for them; where some are lost the others go on from the last checkpoint.

    Args:
        job: which, and where.
        words: the command line of a worker.

    Raises:
        ConnectionError: if all were lost.
        ModuleNotFoundError: if what the launcher needs is missing.
    """
    start: Start = import_module(_MODULES[job.launcher]).start
    left = job.processes
    while lost := start(_words_now(words, job.run_dir), left, job):
        for rank, how in sorted(lost.items()):
            print(f"worker {rank} of {left} {how}", flush=True)
        left -= len(lost)
        if left < 1:
            raise ConnectionError(f"no worker is left; resume={job.run_dir} goes on with the unfinished epoch")
        print(f"going on from the last checkpoint in {job.run_dir} with {left}", flush=True)


def _words_now(words: Sequence[str], run_dir: Path) -> list[str]:
    """The first workers begin the run, unless ``resume`` names it; later ones go on with it if it has begun."""
    if any(word.startswith("resume=") for word in words):
        return list(words)
    if (run_dir / CONFIG).exists():
        return [f"resume={run_dir}", *words]
    return [*words, f"hydra.run.dir='{_quoted(run_dir)}'"]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "\\'")


def run_worker(words: Sequence[str]) -> None:
    """The command line in a process that a cluster has started.

    Raises:
        RuntimeError: if it ended with an error, of which the worker's own output has the message.
    """
    from mmgraph.cli.train import main

    try:
        main(words)
    except SystemExit as end:
        if end.code:
            raise RuntimeError(f"the worker ended with {end.code}: its output says why") from None
