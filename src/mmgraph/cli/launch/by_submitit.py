"""``launcher=submitit``: the workers of a run as the tasks of a Slurm job; of a local one with ``submitit_local``."""

import shutil
from pathlib import Path
from typing import Any

from mmgraph.cli.launch.job import Job, Lost, run_worker

_LOCAL = "LocalLauncher"
_OF_ALL = (
    "timeout_min",
    "cpus_per_task",
    "gpus_per_node",
    "tasks_per_node",
    "mem_gb",
    "nodes",
    "name",
    "stderr_to_stdout",
)
"""What submitit calls the same for every cluster; the rest of ``hydra.launcher`` is Slurm's."""


def start(words: list[str], processes: int, job: Job) -> Lost:
    """Submits the command line as ``processes`` tasks and waits for them.

    Raises:
        ModuleNotFoundError: if submitit is missing.
        ValueError: if there is no Slurm here, or processes cannot be divided by nodes.
        SystemExit: if the tasks failed by themselves, or were ended; shows the end of what the first of them printed.
    """
    import submitit

    cluster = "local" if str(job.settings["_target_"]).endswith(_LOCAL) else "slurm"
    if cluster == "slurm" and shutil.which("sbatch") is None:
        raise ValueError(
            "launcher=submitit submits by sbatch, which is not on this machine: run it where Slurm is, or without "
            "Slurm by hydra/launcher=submitit_local"
        )
    settings = parameters(job.settings, processes, first=processes == job.processes)
    folder = job.run_dir.parent / ".submitit" / job.run_dir.name / "%j"
    executor = submitit.AutoExecutor(folder=folder, cluster=cluster)
    executor.update_parameters(**{name if name in _OF_ALL else f"slurm_{name}": settings[name] for name in settings})
    submitted = executor.submit(_worker, words)
    tasks = settings["nodes"] * settings["tasks_per_node"]
    print(f"{cluster} job {submitted.job_id}: {tasks} workers, which print into {submitted.paths.folder}", flush=True)
    submitted.wait()
    return _lost(submitted, tasks)


def parameters(settings: dict[str, Any], processes: int, *, first: bool) -> dict[str, Any]:
    """What submitit is told: ``hydra.launcher``, with as many tasks as there are processes.

    Args:
        settings: ``hydra.launcher``.
        processes: how many are wanted.
        first: whether they are as many as were asked for; of those that are left, all nodes take equally many.

    Raises:
        ValueError: if they cannot be divided by the nodes.

    >>> parameters({"_target_": "", "nodes": 2, "qos": None}, 8, first=True)
    {'nodes': 2, 'tasks_per_node': 4}
    >>> parameters({"nodes": 2}, 7, first=False)
    {'nodes': 2, 'tasks_per_node': 3}
    """
    nodes = settings.get("nodes", 1)
    if first and processes % nodes:
        raise ValueError(f"processes={processes} cannot be divided by hydra.launcher.nodes={nodes}: each takes as many")
    nodes = min(nodes, processes)
    ours = {"_target_", "submitit_folder", "max_num_timeout", "array_parallelism"}
    others = {name: value for name, value in settings.items() if name not in ours and value is not None}
    return {**others, "nodes": nodes, "tasks_per_node": processes // nodes}


def _worker(words: list[str]) -> None:
    from submitit.helpers import TorchDistributedEnvironment

    TorchDistributedEnvironment().export(set_cuda_visible_devices=False, overwrite=True)
    run_worker(words)


def _lost(job: Any, tasks: int) -> Lost:
    """Tasks that ended without a word, as killed ones do.

    Raises:
        SystemExit: if all have reported, and one an error.
    """
    paths = [job.task(rank).paths for rank in range(tasks)]
    silent = [rank for rank, path in enumerate(paths) if not path.result_pickle.exists()]
    if silent:
        return {rank: f"of job {job.job_id} was killed; it printed into {paths[rank].stdout}" for rank in silent}
    for rank in range(tasks):
        if job.task(rank).exception() is not None:
            print(f"worker {rank} failed: {_last_line(paths[rank].stderr)}", flush=True)
            raise SystemExit(1)
    return {}


def _last_line(path: Path) -> str:
    lines = path.read_text().splitlines() if path.exists() else []
    said = [line for line in lines if line.startswith("Error: ")] or lines or ["it printed nothing"]
    return f"{path}: {said[-1]}"
