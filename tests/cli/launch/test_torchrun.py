"""One run in several processes, of which something kills one."""

import os
import signal
import socket
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from mmgraph.cli.launch.torchrun import killed
from tests.cli.launch.conftest import LONG, start
from tests.cli.test_processes import equal
from tests.cli.test_train import report, words

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="looks for the workers in /proc")


def wait_for(text, *outputs, seconds=120):
    """Until a line that begins with ``text`` is printed into one of the files."""
    ends = time.monotonic() + seconds
    while not any(line.startswith(text) for output in outputs for line in output.read_text().splitlines()):
        assert time.monotonic() < ends, "\n".join(output.read_text() for output in outputs)
        time.sleep(0.02)


def children(pid):
    tasks = Path(f"/proc/{pid}/task")
    return [int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()]


def rank_of(pid):
    variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return next((int(x[len(b"RANK=") :]) for x in variables if x.startswith(b"RANK=")), None)


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def free_place():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()


def wait_for_listener(place, seconds=120):
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            socket.create_connection(place).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return


@needs_proc
@pytest.mark.parametrize(("shard", "rank"), [("false", 1), ("true", 0)])
def test_a_run_goes_on_with_the_workers_that_are_left(alone, tmp_path, shard, rank):
    run_dir, output = tmp_path / "run", tmp_path / "out"
    others = [*LONG, f"trainer.shard={shard}", "launcher=torchrun", "processes=3"]
    job = start(output, "-m", "mmgraph.cli.train", *words(run_dir, *others, model="lightgcn"))
    wait_for("epoch 2 ", output)
    victim = next(pid for pid in children(job.pid) if rank_of(pid) == rank)
    os.kill(victim, signal.SIGKILL)
    code = job.wait(timeout=300)
    out = output.read_text()
    assert code == 0, out
    assert f"worker {rank} of 3 (process {victim}) was ended by SIGKILL" in out
    assert f"going on from the last checkpoint in {run_dir} with 2" in out
    assert "Traceback" not in out
    found = report(run_dir)
    equal(found, alone)
    assert len(found["resumed_at"]) == 1


@needs_proc
@pytest.mark.slow
def test_machines_that_are_left_go_on(alone, tmp_path):
    """Two agents of torchrun, a worker each: a worker that is lost is started anew, a machine is not."""
    run_dir, outputs = tmp_path / "run", [tmp_path / "stays", tmp_path / "leaves"]
    place = free_place()
    agent = ["-m", "torch.distributed.run", "--nnodes=1:2", "--nproc-per-node=1", "--max-restarts=3"]
    agent += ["--rdzv-backend=c10d", f"--rdzv-endpoint={place[0]}:{place[1]}", "--rdzv-conf=last_call_timeout=20"]
    train = ["-m", "mmgraph.cli.train", *words(run_dir, *LONG, model="lightgcn")]
    stays = start(outputs[0], *agent, *train)
    wait_for_listener(place)  # the machine that all meet at has to stay
    leaves = start(outputs[1], *agent, *train)
    wait_for("epoch 2 ", *outputs)
    os.kill(children(leaves.pid)[0], signal.SIGKILL)
    wait_for("torchrun has started 2 workers anew: going on with", *outputs)
    wait_for("epoch 40 ", *outputs)
    (worker,) = children(leaves.pid)
    leaves.kill()
    leaves.wait()
    assert stays.wait(timeout=300) == 0, outputs[0].read_text()
    assert "torchrun has started 1 workers anew: going on with" in outputs[0].read_text()
    assert not is_running(worker), "it outlived its agent"
    found = report(run_dir)
    equal(found, alone)
    assert len(found["resumed_at"]) == 2


def failure(exitcode, timestamp):
    return SimpleNamespace(exitcode=exitcode, pid=7, timestamp=timestamp)


def test_those_that_the_agent_ended_are_not_lost():
    """It ends the others by SIGTERM, and those that do not hear it by SIGKILL."""
    found = killed({0: failure(-9, 100), 1: failure(-15, 100), 2: failure(1, 100), 3: failure(-9, 130)})
    assert found == {0: "(process 7) was ended by SIGKILL"}


def test_those_that_crash_when_another_is_killed_are_not_lost():
    found = killed({0: failure(-6, 100), 1: failure(-9, 100), 2: failure(-11, 101)})
    assert found == {1: "(process 7) was ended by SIGKILL"}


def test_one_that_crashed_by_itself_is_lost():
    assert killed({0: failure(-11, 100), 1: failure(1, 100)}) == {0: "(process 7) was ended by SIGSEGV"}


def test_workers_that_failed_by_themselves_are_not_started_again():
    with pytest.raises(SystemExit):
        killed({0: failure(1, 100), 1: failure(-15, 100)})
