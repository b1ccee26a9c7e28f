"""A reproduction that is killed at a chosen point: ``python -m tests.evidence.reproduce.killed POINT FOLDER``."""

import os
import signal
import sys
from pathlib import Path

from mmgraph.evidence.reproduce import catalogue, training
from mmgraph.evidence.reproduce.api import reproduce
from mmgraph.evidence.reproduce.view import RunsView
from tests.evidence.reproduce.conftest import SMALL

EPOCHS = 3
WORDS = [*SMALL, f"trainer.max_epochs={EPOCHS}"]
BOTH = "(os.kill(os.getppid(), signal.SIGKILL), kill()) if state.next_epoch == 2 else before(self, state, *parts)"
IN_THE_SECOND_EPOCH = "mmgraph.training.saving.Saving", "save", f"lambda self, state, *parts: {BOTH}"


def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    point, folder = sys.argv[1:]
    os.environ["PYTHONPATH"] = os.pathsep.join([os.getcwd(), os.environ.get("PYTHONPATH", "")])  # runs import tests
    catalogue.FOLDER = Path(folder)
    os.chdir(folder)
    if point == "in an epoch":
        training.COMMAND = (sys.executable, "-m", "tests.cli.killed", *IN_THE_SECOND_EPOCH)
    else:
        RunsView.ended = kill
    reproduce("rednd", "one", dataset="synthetic", seeds=0, words=WORDS, jobs=1)
