"""``launcher=ray``: the workers of a run on a Ray cluster, or on this machine, by Ray Train."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmgraph.cli.launch.job import Job, Lost, run_worker

_NOTICED = 5
"""Seconds within which Ray Train finds that a worker is gone; it looks every two."""


def start(words: list[str], processes: int, job: Job) -> Lost:
    """Runs the command line in ``processes`` actors, each with what ``hydra.launcher.ray.remote`` asks for.

    Raises:
        ModuleNotFoundError: if Ray Train is missing.
        SystemExit: if the workers failed by themselves; Ray passes on what they print.
    """
    os.environ.setdefault("RAY_TRAIN_V2_ENABLED", "1")  # else Ray before 2.51 does not say which worker is gone
    os.environ.setdefault("RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S", "300")  # 30 are too few for a busy machine
    import ray
    from ray.train import RunConfig, ScalingConfig
    from ray.train.torch import TorchConfig, TorchTrainer
    from ray.train.v2.api.exceptions import TrainingFailedError

    settings = job.settings["ray"]
    if not ray.is_initialized():
        ray.init(**settings["init"])
    gpus = settings["remote"].get("num_gpus") or 0
    trainer = TorchTrainer(
        _worker,
        train_loop_config={"words": words, "folder": os.getcwd()},
        scaling_config=ScalingConfig(
            num_workers=processes,
            use_gpu=gpus > 0,
            resources_per_worker={"CPU": settings["remote"].get("num_cpus") or 1, **({"GPU": gpus} if gpus else {})},
        ),
        torch_config=TorchConfig(backend="nccl" if gpus else "gloo"),
        run_config=RunConfig(name=job.run_dir.name, storage_path=str(job.run_dir.parent / ".ray")),
    )
    try:
        trainer.fit()
    except TrainingFailedError as error:
        return gone(getattr(error, "worker_failures", {}))
    return {}


def gone(failures: Mapping[int, Exception]) -> Lost:
    """Those of Ray Train's ``failures`` that ended without an error of their own.

    Raises:
        SystemExit: if there are none.
    """
    lost = {
        rank: f"is gone: {str(failure).strip().splitlines()[0]}"
        for rank, failure in failures.items()
        if type(failure).__name__.startswith("WorkerHealthCheck")
    }
    if not lost:
        raise SystemExit(1)
    return lost


def _worker(settings: dict[str, Any]) -> None:
    folder = Path(settings["folder"])
    if folder.is_dir():  # relative paths mean what they mean where the command was given
        os.chdir(folder)
    try:
        run_worker(settings["words"])
    except RuntimeError:
        time.sleep(_NOTICED)  # it may be another one's end that this one has met, and that is to be seen first
        raise
