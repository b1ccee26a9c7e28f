"""``launcher=ray``: the workers of a run on a Ray cluster, or on this machine, by Ray Train."""

import os
from pathlib import Path
from typing import Any

from mmgraph.cli.launch.job import Job, Lost, run_worker


def start(words: list[str], processes: int, job: Job) -> Lost:
    """Runs the command line in ``processes`` actors, each with what ``hydra.launcher.ray.remote`` asks for.

    Raises:
        ModuleNotFoundError: if Ray Train is missing.
        SystemExit: if the workers failed by themselves; Ray passes on what they print.
    """
    import ray
    from ray.train import RunConfig, ScalingConfig
    from ray.train.torch import TorchConfig, TorchTrainer
    from ray.train.v2.api.exceptions import WorkerGroupError

    settings = job.settings["ray"]
    if not ray.is_initialized():
        ray.init(**settings["init"])
    wanted = settings["remote"]
    gpus = wanted.get("num_gpus") or 0
    trainer = TorchTrainer(
        _worker,
        train_loop_config={"words": words, "folder": os.getcwd()},
        scaling_config=ScalingConfig(
            num_workers=processes,
            use_gpu=gpus > 0,
            resources_per_worker={"CPU": wanted.get("num_cpus") or 1, **({"GPU": gpus} if gpus else {})},
        ),
        torch_config=TorchConfig(backend="nccl" if gpus else "gloo"),
        run_config=RunConfig(name=job.run_dir.name, storage_path=str(job.run_dir.parent / ".ray")),
    )
    try:
        trainer.fit()
    except WorkerGroupError as error:
        print({k: (type(v), v) for k, v in error.worker_failures.items()})
        raise
    return {}


def _worker(settings: dict[str, Any]) -> None:
    folder = Path(settings["folder"])
    if folder.is_dir():  # relative paths mean what they mean where the command was given
        os.chdir(folder)
    run_worker(settings["words"])
