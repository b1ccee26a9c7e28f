"""A run as the tasks of a job, of which something kills one; without Slurm, submitit's own local jobs."""

import os
import shutil
import signal
import warnings
from pathlib import Path

import pytest

from mmgraph.cli.launch.by_submitit import parameters
from mmgraph.cli.launch.job import Job
from tests.cli.launch.conftest import LONG, start
from tests.cli.launch.test_torchrun import needs_proc
from tests.cli.test_processes import equal
from tests.cli.test_train import report, words


def need_submitit():
    try:
        import hydra_plugins.hydra_submitit_launcher  # noqa: F401
        import submitit  # noqa: F401
    except ImportError:
        message = 'launcher=submitit is not tested: it needs pip install -e ".[submitit]"'
        warnings.warn(message, stacklevel=1)
        pytest.skip(message)


def test_all_nodes_take_as_many():
    with pytest.raises(ValueError, match=r"processes=5 cannot be divided by hydra\.launcher\.nodes=2"):
        parameters({"nodes": 2}, 5, first=True)
    assert parameters({"nodes": 4}, 3, first=False) == {"nodes": 3, "tasks_per_node": 1}


@pytest.mark.skipif(shutil.which("sbatch") is not None, reason="here is Slurm")
def test_without_slurm_a_sentence_says_what_to_do(tmp_path):
    need_submitit()
    from mmgraph.cli.launch.by_submitit import start as submit

    with pytest.raises(ValueError, match="hydra/launcher=submitit_local"):
        submit([], 2, Job("submitit", {"_target_": "SlurmLauncher"}, tmp_path, 2))


def test_what_slurm_is_told(tmp_path):
    need_submitit()
    from submitit.slurm.slurm import SlurmExecutor, _make_sbatch_string

    told = parameters({"nodes": 2, "partition": "gpu", "timeout_min": 60, "qos": None}, 8, first=True)
    names = SlurmExecutor._equivalence_dict()
    text = _make_sbatch_string(
        command="run", folder=tmp_path, **{names.get(name, name): value for name, value in told.items()}
    )
    for line in ("--nodes=2", "--ntasks-per-node=4", "--partition=gpu", "--time=60"):
        assert f"#SBATCH {line}" in text
    assert "qos" not in text


def task_of(folder, rank):
    """The process of a task that runs."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            if b"submitit.core._submit" in words and str(folder).encode() in b" ".join(words):
                variables = (process / "environ").read_bytes().split(b"\0")
                if f"SUBMITIT_LOCAL_GLOBALID={rank}".encode() in variables:
                    return int(process.name)
        except OSError:
            continue
    raise AssertionError(f"no task {rank}")


@needs_proc
def test_a_job_goes_on_with_the_tasks_that_are_left(alone, tmp_path):
    need_submitit()
    run_dir, output = tmp_path / "run", tmp_path / "out"
    others = [
        *LONG,
        "launcher=submitit",
        "hydra/launcher=submitit_local",
        "hydra.launcher.cpus_per_task=1",
        "processes=2",
    ]
    job = start(output, "-m", "mmgraph.cli.train", *words(run_dir, *others, model="lightgcn"))
    while not (run_dir / "metrics.csv").exists():
        assert job.poll() is None, output.read_text()
    os.kill(task_of(tmp_path / ".submitit" / "run", 1), signal.SIGKILL)
    assert job.wait(timeout=600) == 0, output.read_text()
    out = output.read_text()
    assert "worker 1 of 2 of job " in out
    assert f"going on from the last checkpoint in {run_dir} with 1" in out
    equal(report(run_dir), alone)
