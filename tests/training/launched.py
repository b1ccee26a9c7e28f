"""Starts the processes of a test, and reads what each of them left."""

import os
import subprocess
import sys
from pathlib import Path

import torch

ROOT = Path(__file__).parents[2]


def found_by(module, num_processes, folder, *arguments):
    """What each process that runs a module of the tests, a thread each, wrote into ``folder``, by rank.

    Raises with what they printed if one fails.
    """
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={num_processes}"]
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    run = subprocess.run(
        [*command, "-m", module, str(folder), *arguments],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    files = [Path(folder) / f"{num_processes}.{rank}.pt" for rank in range(num_processes)]
    return [torch.load(file, weights_only=True) for file in files]
