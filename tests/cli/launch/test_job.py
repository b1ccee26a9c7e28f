"""One run in several processes: what starts them, and what becomes of those that are left."""

import pytest

from mmgraph.cli.launch import job as module
from mmgraph.cli.launch.job import Job, launch, run_worker, starts_workers
from mmgraph.cli.train import main
from mmgraph.config.compose import compose_config
from mmgraph.pipeline.run_folder import CONFIG


@pytest.fixture
def started(monkeypatch, tmp_path):
    """Runs a job of four workers whose losses are given in turn; gives what each start was asked for."""
    run_dir = tmp_path / "run"

    def run(*losses, words=("model=lightgcn",)):
        calls, left = [], list(losses)

        def start(words, processes, job):
            calls.append((words, processes))
            run_dir.mkdir(exist_ok=True)
            (run_dir / CONFIG).touch()
            return left.pop(0)

        monkeypatch.setattr(module, "import_module", lambda name: type("Launcher", (), {"start": staticmethod(start)}))
        launch(Job("ray", {}, run_dir, 4), words)
        return run_dir, calls

    return run


def test_the_first_workers_begin_a_run_and_later_ones_go_on_with_it(started, capsys):
    run_dir, calls = started({1: "was lost", 3: "too"}, {0: "as well"}, {})
    begin, resume = ["model=lightgcn", f"hydra.run.dir='{run_dir}'"], [f"resume={run_dir}", "model=lightgcn"]
    assert calls == [(begin, 4), (resume, 2), (resume, 1)]
    out = capsys.readouterr().out
    assert "worker 1 of 4 was lost\nworker 3 of 4 too\ngoing on from the last checkpoint" in out


def test_a_run_that_is_gone_on_with_is_named_by_its_words(started):
    _, calls = started({}, words=("resume=elsewhere",))
    assert calls == [(["resume=elsewhere"], 4)]


def test_no_worker_left(started):
    with pytest.raises(ConnectionError, match="no worker is left; resume="):
        started({0: "", 1: "", 2: "", 3: ""})


@pytest.mark.parametrize(
    ("launcher", "processes", "sweeps", "expected"),
    [("basic", 1, False, False), ("torchrun", 2, False, True), ("ray", 1, False, True), ("ray", 1, True, False)],
)
def test_which_runs_are_started_elsewhere(launcher, processes, sweeps, expected):
    assert starts_workers(launcher, processes, sweeps=sweeps) is expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["processes=2"], "processes=2 needs what starts them, and launcher=basic starts none: launcher=torchrun"),
        (["-m", "launcher=torchrun", "seed=0,1"], "processes=2 is for one run"),
        (["launcher=torchrun", "processes=0"], "processes=0 must be a number of processes"),
        (["launcher=torchrun", "processes=two"], "processes=two must be a number of processes"),
    ],
)
def test_mistakes_are_explained(words, message, capsys):
    with pytest.raises(SystemExit):
        main(words)
    assert message in capsys.readouterr().err


def test_a_run_is_the_same_in_however_many_processes():
    assert compose_config(["launcher=torchrun", "processes=3"]).keys() == compose_config().keys()
    assert "processes" not in compose_config()


def test_a_worker_that_fails_says_so_to_what_started_it(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "1")
    with pytest.raises(RuntimeError, match="the worker ended with 1"):
        run_worker(["model=nothing"])
