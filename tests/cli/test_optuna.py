"""A search goes on after a kill: with its study, where it was cut off."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.test_launchers import SMALL, finish, report

pytest.importorskip("hydra_plugins.hydra_optuna_sweeper")
optuna = pytest.importorskip("optuna")

WORDS = ["-m", "sweeper=optuna", *SMALL, "trainer.optimizer.lr=tag(log,interval(1e-4,1e-2))"]


def study_words(folder):
    """A study in a folder that is not there yet."""
    return [f"hydra.sweeper.storage=sqlite:///{folder}/studies/optuna.db", "hydra.sweeper.study_name=lr"]


def trials(folder):
    study = optuna.load_study(study_name="lr", storage=f"sqlite:///{folder}/studies/optuna.db")
    return [(trial.state.name, trial.params["trainer.optimizer.lr"], trial.value) for trial in study.trials]


@pytest.mark.filterwarnings("ignore")  # Optuna 2 and SQLAlchemy 1 about themselves
def test_a_killed_search_goes_on_with_what_it_knows(tmp_path):
    words = [*WORDS, *study_words(tmp_path), "hydra.sweeper.n_trials=3"]
    kill_in_second_trial([*words, "trainer.max_epochs=30", f"hydra.sweep.dir={tmp_path}/first"], tmp_path / "first")
    before = trials(tmp_path)
    assert [state for state, *_ in before] == ["COMPLETE", "RUNNING"]

    again = [*words, "trainer.max_epochs=30", f"hydra.sweep.dir={tmp_path}/second"]
    code, out, err = finish(*again)
    assert code == 0, err
    assert "1 of 3 trials done" in out
    after = trials(tmp_path)
    assert [state for state, *_ in after] == ["COMPLETE", "FAIL", "COMPLETE", "COMPLETE"]
    assert after[0] == before[0]
    assert after[2][1] == before[1][1], "what was cut off is tried again"
    assert sorted(path.name for path in (tmp_path / "second").iterdir() if path.is_dir()) == ["0", "1"]
    for job, (_, rate, value) in enumerate(after[2:]):
        found = report(tmp_path / "second" / str(job))
        assert found["config"]["trainer"]["optimizer"]["lr"] == pytest.approx(rate)
        assert found["val"]["recall@20"] == value
    assert f"{max(value for *_, value in after if value):.5f}" in out.splitlines()[-1]

    code, out, _ = finish(*again)
    assert code == 0
    assert "3 of 3 trials done" in out
    assert trials(tmp_path) == after

    code, _, err = finish(*again, "model.num_layers=1")
    assert code == 1
    assert "was begun with" in err
    assert "hydra.sweeper.study_name" in err


def kill_in_second_trial(words, folder):
    """As a machine that goes down would."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mmgraph.cli.train", *words],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 300
    while not (folder / "1" / "checkpoint.pt").exists():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
