"""The jobs of a sweep as forks of a process that has imported everything and holds the data sets."""

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn, JobStatus, configure_log, run_job
from omegaconf import DictConfig, OmegaConf, open_dict

from mmgraph.config.compose import resolved
from mmgraph.pipeline.moved_data import absolute_paths

_OF_DATA = ("dataset", "data_root", "experiment")
"""What the words that choose or change a data set begin with."""


class RememberingLoader:
    """Composes the configuration of a job once: Hydra's sweeper does so before the first one starts, as a check.

    Args:
        loader: Hydra's.
    """

    def __init__(self, loader: Any) -> None:
        self.loader = loader
        self._made: dict[tuple[str, ...], bytes] = {}

    def __getattr__(self, name: str) -> Any:
        """What Hydra's loader has besides."""
        return getattr(self.loader, name)

    def load_sweep_config(self, master_config: DictConfig, sweep_overrides: list[str]) -> DictConfig:
        """The configuration of a job, in memory of its own."""
        words = tuple(sweep_overrides)
        if words in self._made:
            known: DictConfig = pickle.loads(self._made[words])
            return known
        found: DictConfig = self.loader.load_sweep_config(master_config, list(words))
        self._made[words] = pickle.dumps(found)
        return found

    def forget(self, words: list[str]) -> None:
        """A job that has started has its own."""
        self._made.pop(tuple(words), None)


def launch(
    context: Any, task: Callable[[Any], Any], config: DictConfig, jobs: Mapping[int, list[str]], *, n_jobs: int
) -> list[JobReturn]:
    """Runs jobs, ``n_jobs`` at a time, each in a process of its own that shares memory with this one.

    Each trains with as many threads of torch as it would alone, and to the same numbers.

    Args:
        context: Hydra's, whose loader is a :class:`RememberingLoader`.
        task: what a job runs.
        config: of the sweep.
        jobs: the words of each, by number.
        n_jobs: how many at a time.

    Returns:
        What each came to, in their order; of one that something killed, an error that says by what.

    Raises:
        ValueError: if ``n_jobs`` is below 1, or this system has no fork.
    """
    if n_jobs < 1:
        raise ValueError(f"hydra.launcher.n_jobs={n_jobs} must be 1 or more")
    if sys.platform != "linux":
        raise ValueError("launcher=forked works on Linux, where processes fork safely: take launcher=joblib")
    configure_log(config.hydra.hydra_logging, config.hydra.verbose)
    Path(str(config.hydra.sweep.dir)).mkdir(parents=True, exist_ok=True)
    threads = _prepare(context, config, jobs)
    returns: dict[int, JobReturn] = {}
    waiting = iter(jobs.items())
    running: dict[Connection, tuple[int, Any]] = {}
    try:
        while len(returns) < len(jobs):
            while len(running) < n_jobs and (job := next(waiting, None)):
                number, words = job
                running.update([_start(number, (context, task, config, words, number, threads))])
                context.config_loader.forget(words)
            for pipe in wait(list(running)):
                assert isinstance(pipe, Connection)
                number, process = running.pop(pipe)
                returns[number] = _returned(pipe, process, jobs[number])
    finally:
        for _, process in running.values():
            process.kill()
    return [returns[number] for number in jobs]


def _prepare(context: Any, config: DictConfig, jobs: Mapping[int, list[str]]) -> int:
    """Imports what jobs need and reads their data sets; gives the number of threads that torch would have.

    Meanwhile torch has one thread: those of a process that forks are not there in its forks, which would wait for them.
    """
    from mmgraph.cli.switches import set_switches

    os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")  # a process that has asked CUDA itself cannot fork
    set_switches()
    import torch

    import mmgraph.models
    import mmgraph.pipeline.run  # noqa: F401
    from mmgraph.pipeline.held_data import hold

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    before = HydraConfig.instance().cfg
    for words in _with_other_data(jobs):
        composed = _composed(context, config, words, 0)
        HydraConfig.instance().set_config(composed)
        hold(absolute_paths(resolved(composed)))
    HydraConfig.instance().cfg = before
    gc.collect()
    gc.freeze()  # else the first collection of a job would copy all that it shares
    return threads


def _with_other_data(jobs: Mapping[int, list[str]]) -> Iterator[list[str]]:
    """The words of one job for each choice of data."""
    seen: set[tuple[str, ...]] = set()
    for words in jobs.values():
        choice = tuple(word for word in words if word.lstrip("+~").startswith(_OF_DATA))
        if choice not in seen:
            seen.add(choice)
            yield words


def _start(number: int, arguments: tuple[Any, ...]) -> tuple[Connection, tuple[int, Any]]:
    receiver, sender = get_context("fork").Pipe(duplex=False)
    process = get_context("fork").Process(target=_run, args=(sender, *arguments))
    process.start()
    sender.close()  # else nobody would see that the job has ended
    return receiver, (number, process)


def _run(
    sender: Connection,
    context: Any,
    task: Callable[[Any], Any],
    config: DictConfig,
    words: list[str],
    number: int,
    threads: int,
) -> None:
    import torch

    for number_of_signal in (signal.SIGINT, signal.SIGTERM):  # what to say then is the sweep's
        signal.signal(number_of_signal, signal.SIG_DFL)
    torch.set_num_threads(threads)
    composed = _composed(context, config, words, number)
    HydraConfig.instance().set_config(composed)
    found = run_job(
        hydra_context=context,
        config=composed,
        task_function=task,
        job_dir_key="hydra.sweep.dir",
        job_subdir_key="hydra.sweep.subdir",
    )
    sender.send_bytes(_pickled(found))


def _composed(context: Any, config: DictConfig, words: list[str], number: int) -> DictConfig:
    composed = context.config_loader.load_sweep_config(config, words)
    with open_dict(composed):
        composed.hydra.job.id = f"{composed.hydra.job.name}_{number}"
        composed.hydra.job.num = number
    return composed


def _pickled(found: JobReturn) -> bytes:
    try:
        blob = pickle.dumps(found)
        pickle.loads(blob)  # an exception may go into a pickle and not come out
        return blob
    except Exception:
        assert found.status is JobStatus.FAILED
        error = found._return_value
        found.return_value = RuntimeError(f"{type(error).__name__}: {error}")
        return pickle.dumps(found)


def _returned(receiver: Connection, process: Any, words: list[str]) -> JobReturn:
    """What a job has sent; or how it ended without a word."""
    try:
        found: JobReturn = pickle.loads(receiver.recv_bytes())
        process.join()
        return found
    except EOFError:
        process.join()
    finally:
        receiver.close()
    code = process.exitcode
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    lost = JobReturn(overrides=words, cfg=OmegaConf.create(), status=JobStatus.FAILED)
    lost.return_value = ChildProcessError(f"the job {' '.join(words)} {how}; the same command goes on with it")
    return lost
