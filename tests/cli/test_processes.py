"""The command line in several processes: kills, resumes, machines."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_train import finish, report, start, words

EPOCHS = "trainer.max_epochs=30"
LAUNCH = [sys.executable, "-m", "torch.distributed.run"]
HERE = ["--standalone", "--nproc-per-node=2"]


def launch(*arguments, options=HERE, cwd=None):
    """Processes that torchrun starts."""
    return subprocess.Popen(
        [*LAUNCH, *options, "-m", "mmgraph.cli.train", *map(str, arguments)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def worker(process, rank):
    """The number of one of torchrun's processes."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        pytest.skip("no /proc here to find the processes in")
    for child in children.read_text().split():
        if f"RANK={rank}" in Path(f"/proc/{child}/environ").read_text().split("\0"):
            return int(child)
    raise AssertionError(f"no process of rank {rank}")


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A run of one process that nobody disturbed."""
    run_dir = tmp_path_factory.mktemp("alone") / "run"
    code, _, err = finish(*words(run_dir, EPOCHS, model="lightgcn"))
    assert code == 0, err
    return report(run_dir)


def equal(found, expected):
    """The same metrics, and each epoch once with the same losses."""
    assert found["test"] == pytest.approx(expected["test"], abs=1e-5)
    losses = [
        [{key: row[key] for key in row if "loss" in key or key == "epoch"} for row in x["history"]]
        for x in (found, expected)
    ]
    assert [row["epoch"] for row in losses[0]] == [row["epoch"] for row in losses[1]]
    for row, other in zip(*losses, strict=True):
        assert row == pytest.approx(other, rel=1e-5)


def test_a_killed_worker_ends_the_job_which_goes_on_where_it_was(alone, tmp_path):
    """The first one, which writes the files."""
    run_dir = tmp_path / "run"
    process = launch(*words(run_dir, EPOCHS, model="lightgcn"))
    assert "epoch 0 " in process.stdout.readline()
    os.kill(worker(process, rank=0), signal.SIGKILL)
    _, err = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "Signal 9 (SIGKILL) received" in err  # torchrun's own summary
    assert "another process" in err
    assert "resume=<run dir> goes on with the unfinished epoch" in err
    assert not (run_dir / "report.json").exists()
    resumed = launch(f"resume={run_dir}")
    _, err = resumed.communicate(timeout=300)
    assert resumed.returncode == 0, err
    equal(report(run_dir), alone)
    assert len((run_dir / "metrics.csv").read_text().splitlines()) == 31


def test_two_machines_with_a_process_each_write_in_one_place(alone, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    machines = []
    for rank in range(2):
        (tmp_path / str(rank)).mkdir()
        options = ["--nnodes=2", "--nproc-per-node=1", f"--node-rank={rank}", "--master-addr=127.0.0.1"]
        options += [f"--master-port={port}"]
        machines.append(launch(*words("run", EPOCHS, model="lightgcn"), options=options, cwd=tmp_path / str(rank)))
    outputs = [machine.communicate(timeout=300) for machine in machines]
    assert [machine.returncode for machine in machines] == [0, 0], outputs
    equal(report(tmp_path / "0" / "run"), alone)
    assert [out.count("epoch 29 ") for out, _ in outputs] == [1, 0]
    assert sorted(os.listdir(tmp_path / "0")) == ["run"]
    assert not any((tmp_path / "1").iterdir())


def test_a_scheduler_that_ends_a_run_is_told_how_to_go_on(tmp_path):
    process = start(*words(tmp_path / "run", EPOCHS, model="lightgcn"))
    assert "epoch 0 " in process.stdout.readline()
    process.terminate()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert "SIGTERM" in err
    assert "resume=<run dir> goes on with the unfinished epoch" in err
    assert "Traceback" not in err
