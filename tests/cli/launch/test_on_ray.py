"""A run on a Ray cluster of this machine, of which something kills a worker."""

import os
import signal
import warnings
from pathlib import Path

import pytest

from mmgraph.cli.launch.on_ray import gone
from tests.cli.launch.conftest import LONG, start
from tests.cli.launch.test_torchrun import needs_proc
from tests.cli.test_processes import equal
from tests.cli.test_train import report, words


class WorkerHealthCheckFailedError(Exception):
    """As Ray Train calls it."""


def test_workers_that_are_gone():
    found = gone({0: RuntimeError("the worker ended with 1"), 2: WorkerHealthCheckFailedError("\nIt died.\nWhy?")})
    assert found == {2: "is gone: It died."}


def test_workers_that_failed_by_themselves():
    with pytest.raises(SystemExit):
        gone({0: RuntimeError("the worker ended with 1")})


def actors():
    """The processes of Ray Train's workers, by rank."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            name = (process / "cmdline").read_bytes()
            variables = (process / "environ").read_bytes()
        except OSError:
            continue
        if name.startswith(b"ray::") and b"Train" in name and b"Controller" not in name and variables:
            found[int(process.name)] = name
    return found


@pytest.mark.slow
@needs_proc
def test_a_run_on_ray_goes_on_with_the_workers_that_are_left(alone, tmp_path):
    try:
        import ray.train.torch  # noqa: F401
    except ImportError:
        message = 'launcher=ray is not tested: it needs pip install -e ".[ray]"'
        warnings.warn(message, stacklevel=1)
        pytest.skip(message)
    run_dir, output = tmp_path / "run", tmp_path / "out"
    others = [*LONG, "launcher=ray", "processes=2", "hydra.launcher.ray.init.num_cpus=2"]
    job = start(output, "-m", "mmgraph.cli.train", *words(run_dir, *others, model="lightgcn"))
    while not (run_dir / "metrics.csv").exists():
        assert job.poll() is None, output.read_text()
    os.kill(max(actors()), signal.SIGKILL)
    assert job.wait(timeout=600) == 0, output.read_text()
    out = output.read_text()
    assert "of 2 is gone" in out
    assert f"going on from the last checkpoint in {run_dir} with 1" in out
    equal(report(run_dir), alone)
