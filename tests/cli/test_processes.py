"""The command line in several processes: kills, resumes, machines."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import mmgraph
from mmgraph.cli.train import main
from mmgraph.pipeline.run import evaluate, restore
from tests.cli.test_train import report, words

EPOCHS = "trainer.max_epochs=6"
ROOT = Path(__file__).parents[2]
LAUNCH = [sys.executable, "-m", "torch.distributed.run"]
HERE = ["--standalone", "--nproc-per-node=2"]


def launch(*arguments, options=HERE, cwd=None, module="mmgraph.cli.train"):
    """Processes that torchrun starts."""
    return subprocess.Popen(
        [*LAUNCH, *options, "-m", module, *map(str, arguments)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


DIES = ("mmgraph.training.saving.Saving", "save", "lambda *x: kill() if x[1].next_epoch == 2 else before(*x)")


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A run of one process that nobody disturbed."""
    run_dir = tmp_path_factory.mktemp("alone") / "run"
    main(words(run_dir, EPOCHS, model="lightgcn"))
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
    killed = {"module": "tests.cli.killed", "cwd": ROOT}
    process = launch(*DIES, *words(run_dir, EPOCHS, model="lightgcn"), **killed)
    _, err = process.communicate(timeout=300)
    assert process.returncode != 0
    assert "Signal 9 (SIGKILL) received" in err  # torchrun's own summary
    assert "another process" in err
    assert "resume=<run dir> goes on with the unfinished epoch" in err
    assert not (run_dir / "report.json").exists()
    resumed = launch(f"resume={run_dir}")
    _, err = resumed.communicate(timeout=300)
    assert resumed.returncode == 0, err
    equal(report(run_dir), alone)
    assert len((run_dir / "metrics.csv").read_text().splitlines()) == 7


@pytest.mark.parametrize("divided", ["trainer.shard=true", "trainer.partition=true"])
def test_a_run_of_divided_parameters_goes_on_with_those_that_are_left(divided, alone, tmp_path):
    """Or with as many; what several finish one process recommends from."""
    run_dir = tmp_path / "run"
    killed = {"module": "tests.cli.killed", "cwd": ROOT}
    process = launch(*DIES, *words(run_dir, EPOCHS, divided, model="lightgcn"), **killed)
    _, err = process.communicate(timeout=300)
    assert process.returncode != 0
    assert "Signal 9 (SIGKILL) received" in err
    assert "resume=<run dir> goes on with the unfinished epoch" in err
    assert (run_dir / "shards-1").is_dir()
    left = tmp_path / "left"
    shutil.copytree(run_dir, left)
    main([f"resume={left}"])
    equal(report(left), alone)
    assert not list(left.glob("shards-*"))
    resumed = launch(f"resume={run_dir}")
    _, err = resumed.communicate(timeout=300)
    assert resumed.returncode == 0, err
    equal(report(run_dir), alone)
    assert (run_dir / "shards-6").is_dir()
    parts = restore(run_dir)
    assert evaluate(parts, "test").metrics == pytest.approx(alone["test"], abs=1e-5)
    lists = [list(mmgraph.load(folder).recommend([0, 1], k=3)) for folder in (run_dir, left)]
    assert str(lists[0]) == str(lists[1])


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
    last = [[line for line in out.splitlines() if line.startswith("epoch 5 ")] for out, _ in outputs]
    assert [len(lines) for lines in last] == [1, 0]
    assert sorted(os.listdir(tmp_path / "0")) == ["run"]
    assert not any((tmp_path / "1").iterdir())
