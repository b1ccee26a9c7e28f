import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from mmgraph.processes.gathering import gather_rows, world
from tests.processes.two_processes import outcome

ROOT = Path(__file__).parents[2]


def test_alone_the_rows_are_the_part():
    part = torch.rand(3, 2)
    assert world() == (0, 1)
    assert gather_rows(part, 3) is part


@pytest.mark.parametrize("num_processes", [2])
def test_processes_together_equal_one_alone(num_processes, tmp_path):
    """Each user is counted once, every process has the same numbers, to the bit, and stops with the same error."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.processes.two_processes",
             str(tmp_path / "store"), str(rank), str(num_processes), str(tmp_path / f"{rank}.json")],
            cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True,
        )
        for rank in range(num_processes)
    ]  # fmt: skip
    try:
        for process in processes:
            _, stderr = process.communicate(timeout=180)
            assert process.returncode == 0, stderr
    finally:
        for process in processes:
            process.kill()
    alone = json.loads(json.dumps(outcome()))
    assert {"37", "1", "37 with NaN", "1 with NaN"} == set(alone)
    for rank in range(num_processes):
        assert json.loads((tmp_path / f"{rank}.json").read_text()) == alone
