import os
import subprocess
import sys

import pytest

from tests.cli.test_train import report, words

LONG = ["trainer.max_epochs=100", "trainer.patience=100"]
"""Epochs enough that a run is still at it when a worker of it is killed."""


def start(output, *arguments):
    """Python in a process of its own, which prints into a file."""
    with output.open("w") as file:
        return subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=file,
            stderr=subprocess.STDOUT,
        )


@pytest.fixture(scope="session")
def alone(tmp_path_factory):
    """A run of one process that nobody disturbed."""
    folder = tmp_path_factory.mktemp("alone")
    code = start(folder / "out", "-m", "mmgraph.cli.train", *words(folder / "run", *LONG, model="lightgcn")).wait()
    assert code == 0, (folder / "out").read_text()
    return report(folder / "run")
