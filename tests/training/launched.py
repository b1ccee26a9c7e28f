"""Starts the processes of a test, and reads what each of them left."""

import os
import subprocess
import sys
from pathlib import Path

import torch

ROOT = Path(__file__).parents[2]


def launch(module, num_processes, *arguments):
    """Runs a module of the tests in so many processes of a thread each; raises with its words if one fails."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={num_processes}"]
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    run = subprocess.run(
        [*command, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr


def outcomes(folder, num_processes):
    """What each process wrote into ``folder``, by rank."""
    files = [Path(folder) / f"{num_processes}.{rank}.pt" for rank in range(num_processes)]
    return [torch.load(file, weights_only=True) for file in files]
