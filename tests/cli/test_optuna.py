"""A search goes on after a kill: with its study, where it was cut off."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.test_launchers import SMALL, finish, need, report

need("optuna", "sweeper")
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
    folder = tmp_path / "sweep"
    words = [*WORDS, *study_words(tmp_path), "trainer.max_epochs=30", f"hydra.sweep.dir={folder}"]
    kill_in_second_trial([*words, "hydra.sweeper.n_trials=3"], folder)
    before = trials(tmp_path)
    assert [state for state, *_ in before] == ["COMPLETE", "RUNNING"]
    first = (folder / "0" / "report.json").stat().st_mtime_ns
    begun = (folder / "1" / "config.yaml").stat().st_mtime_ns

    code, out, err = finish(*words, "hydra.sweeper.n_trials=3")
    assert code == 0, err
    assert "1 of 3 trials done" in out
    after = trials(tmp_path)
    assert [state for state, *_ in after] == ["COMPLETE"] * 3
    assert after[0] == before[0]
    assert after[1][1] == before[1][1], "what was cut off goes on"
    assert (folder / "0" / "report.json").stat().st_mtime_ns == first
    assert (folder / "1" / "config.yaml").stat().st_mtime_ns == begun
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == ["0", "1", "2"]
    for job, (_, rate, value) in enumerate(after):
        found = report(folder / str(job))
        assert found["config"]["trainer"]["optimizer"]["lr"] == pytest.approx(rate)
        assert found["val"]["recall@20"] == value
    best = max(value for *_, value in after)
    assert f"best recall@20 on validation: {best:.5f}" in out

    again = [*words, "hydra.sweeper.n_trials=4"]
    code, out, err = finish(*again)
    assert code == 0, err
    assert "3 of 4 trials done" in out
    assert trials(tmp_path)[:3] == after
    assert report(folder / "3")["config"]["trainer"]["optimizer"]["lr"] == pytest.approx(trials(tmp_path)[3][1])

    code, _, err = finish(*again, "model.num_layers=1")
    assert code == 1
    assert "holds the sweep" in err
    code, _, err = finish(*again, "model.num_layers=1", f"hydra.sweep.dir={tmp_path}/other")
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
