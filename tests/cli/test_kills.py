"""SIGKILL at chosen points: what is left is whole, and the resumed run ends as if it had not been disturbed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mmgraph.cli.train import main
from tests.cli.test_train import report, without_timings, words

EPOCHS = 4
ROOT = Path(__file__).parents[2]
AT = {
    "before the first checkpoint": (
        "mmgraph.training.saving.Saving",
        "save",
        "lambda *_: kill()",
        0,
    ),
    "in the third epoch": (
        "mmgraph.training.saving.Saving",
        "save",
        "lambda self, state, *parts: kill() if state.next_epoch == 3 else before(self, state, *parts)",
        2,
    ),
    "while the third checkpoint is written": (
        "torch",
        "save",
        "lambda *x: half(before, *x) if x[0]['state']['next_epoch'] == 3 else before(*x)",
        2,
    ),
    "between the last checkpoint and the logs": (
        "mmgraph.training.log.CSVLog",
        "write",
        f"lambda self, run_dir, history: kill() if len(history) == {EPOCHS} else before(self, run_dir, history)",
        EPOCHS - 1,
    ),
}
"""What is replaced, by what, and the rows that the killed run leaves in metrics.csv."""


def small(run_dir):
    return words(run_dir, f"trainer.max_epochs={EPOCHS}", model="mf_bpr")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    run_dir = tmp_path_factory.mktemp("undisturbed") / "run"
    main(small(run_dir))
    return run_dir


@pytest.mark.parametrize("point", AT)
def test_kill_9_and_resume_end_with_the_same_report(point, undisturbed, tmp_path):
    *replacement, rows = AT[point]
    run_dir = tmp_path / "run"
    command = [sys.executable, "-m", "tests.cli.killed", *replacement, *small(run_dir)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == -signal.SIGKILL, run.stderr
    left = os.listdir(run_dir)
    assert "report.json" not in left
    assert ("metrics.csv" in left) == (rows > 0)
    assert any(name.startswith(".checkpoint.pt.") for name in left) == ("written" in point)
    if rows:
        assert len((run_dir / "metrics.csv").read_text().splitlines()) == 1 + rows
    (run_dir / ".precious.tmp").write_text("the user's")
    main([f"resume={run_dir}"])
    assert without_timings(report(run_dir)) == without_timings(report(undisturbed))
    assert report(run_dir)["resumed_at"] == ([EPOCHS] if "last checkpoint" in point else [rows] if rows else [])
    assert len((run_dir / "metrics.csv").read_text().splitlines()) == 1 + EPOCHS
    resumed = ["resumed.json"] if rows else []
    assert sorted(os.listdir(run_dir)) == sorted([".precious.tmp", *resumed, *os.listdir(undisturbed)])
