"""The jobs of a sweep as forks of one process: what they share, what one that is killed leaves."""

import os
import signal
import sys

import pytest
from omegaconf import OmegaConf

from mmgraph.cli import forked
from mmgraph.cli.train import main
from mmgraph.config.compose import compose_config
from mmgraph.pipeline import held_data
from tests.cli.test_train import report, without_timings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks are for Linux")
SMALL = ["dataset.num_users=120", "dataset.num_items=80", "dataset.num_topics=4", "trainer.accelerator=cpu"]


@pytest.fixture(autouse=True)
def nothing_held(monkeypatch):
    monkeypatch.setattr(held_data, "_HELD", {})


def test_runs_are_to_the_bit_what_they_are_alone(tmp_path):
    words = [*SMALL, "trainer.max_epochs=2", "seed=0,1", "model=lightgcn,mf_bpr"]
    for launcher in ("basic", "forked"):
        main(["-m", f"launcher={launcher}", f"hydra.sweep.dir={tmp_path}/{launcher}", *words])
    for job in range(4):
        alone, shared = (without_timings(report(tmp_path / launcher / str(job))) for launcher in ("basic", "forked"))
        assert shared == alone


def test_a_job_that_is_killed_leaves_the_others_alone(tmp_path, monkeypatch, capsys):
    """And is gone on with by the same command."""
    words = ["-m", "launcher=forked", *SMALL, "model=mf_bpr", "trainer.max_epochs=2", "seed=0,1"]
    words += [f"hydra.sweep.dir={tmp_path}/sweep"]
    before = forked._run

    def run(sender, context, task, config, words, number, threads):
        if number == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        before(sender, context, task, config, words, number, threads)

    monkeypatch.setattr(forked, "_run", run)
    with pytest.raises(SystemExit):
        main(words)
    assert "seed=0 was ended by SIGKILL" in capsys.readouterr().err
    assert [report(tmp_path / "sweep" / "1")["seed"], os.path.exists(tmp_path / "sweep" / "0")] == [1, False]
    monkeypatch.setattr(forked, "_run", before)
    main(words)
    assert report(tmp_path / "sweep" / "0")["seed"] == 0


def test_data_are_held_by_what_describes_them():
    cfg = compose_config(["model=mf_bpr", *SMALL])
    assert held_data.held(cfg) is None
    held_data.hold(cfg)
    assert held_data.held(compose_config(["model=lightgcn", *SMALL])).summary["users"] == 120
    assert held_data.held(compose_config(["model=mf_bpr"])) is None


def test_data_that_cannot_be_read_are_left_to_the_runs():
    cfg = compose_config(["model=mf_bpr", "dataset=folder", "dataset.root=nowhere"])
    held_data.hold(cfg)
    assert held_data.held(cfg) is None


def test_each_choice_of_data_is_read_once():
    jobs = {0: ["seed=0", "dataset=a"], 1: ["seed=1", "dataset=a"], 2: ["seed=0", "dataset=b", "+dataset.x=1"]}
    assert list(forked._with_other_data(jobs)) == [jobs[0], jobs[2]]


def test_a_configuration_is_composed_once():
    class Loader:
        calls = 0
        repository = "its own"

        def load_sweep_config(self, config, words):
            self.calls += 1
            return compose_config(["model=mf_bpr", *words])

    loader = forked.RememberingLoader(Loader())
    first, second = (loader.load_sweep_config(OmegaConf.create(), ["seed=1"]) for _ in range(2))
    assert first == second
    assert first is not second
    assert (loader.calls, loader.repository) == (1, "its own")
    loader.forget(["seed=1"])
    loader.load_sweep_config(OmegaConf.create(), ["seed=1"])
    assert loader.calls == 2


def test_no_jobs_at_a_time(capsys):
    with pytest.raises(SystemExit):
        main(["-m", "launcher=forked", "hydra.launcher.n_jobs=0", *SMALL, "seed=0,1"])
    assert "hydra.launcher.n_jobs=0 must be 1 or more" in capsys.readouterr().err
