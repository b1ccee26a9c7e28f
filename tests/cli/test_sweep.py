"""A killed sweep and the same command again. The kill is an exception that nothing catches, at the end of an epoch."""

import csv
import json

import pytest
from omegaconf import OmegaConf

from mmgraph.cli.sweep import set_hydra_key
from mmgraph.cli.train import main
from mmgraph.processes.locks import FolderLock
from tests.cli.test_train import without_timings

SMALL = ["model=mf_bpr", "dataset.scale=0.04", "tuned=none", "trainer.accelerator=cpu", "trainer.max_epochs=3"]
GRID = ["-m", *SMALL, "seed=0,1,2"]


def report(folder):
    return json.loads((folder / "report.json").read_text())


def folders(tmp_path):
    return sorted(tmp_path.glob("multirun/*/*"))


def test_the_same_command_finishes_what_a_kill_left(sweep, tmp_path):
    sweep(*GRID, kill_after=5)
    (folder,) = folders(tmp_path)
    assert [(folder / str(job) / "report.json").exists() for job in range(3)] == [True, False, False]
    before = (folder / "0" / "report.json").stat().st_mtime_ns

    out, epochs = sweep(*GRID)
    assert folders(tmp_path) == [folder]
    assert f"going on with the sweep in {folder.relative_to(tmp_path)}, where 1 jobs are done" in out
    assert "hydra.sweep.dir=<another folder> begins a new one" in out
    assert epochs == 1 + 3, "one epoch of the job that was cut off, and all of the last"
    assert (folder / "0" / "report.json").stat().st_mtime_ns == before

    sweep(*GRID, "hydra.sweep.dir=whole")
    for job in range(3):
        assert without_timings(report(folder / str(job))) == without_timings(report(tmp_path / "whole" / str(job)))


def test_a_folder_that_was_named_is_gone_on_with(sweep, tmp_path):
    words = ["-m", *SMALL, "seed=0,1", "hydra.sweep.dir=mine"]
    sweep(*words, kill_after=4)
    out, epochs = sweep(*words)
    assert "going on with the sweep in mine" in out
    assert epochs == 2
    out, epochs = sweep(*words)
    assert epochs == 0
    assert "finished before" in out
    assert not (tmp_path / "multirun").exists()


def test_what_has_ended_is_begun_anew(sweep, tmp_path):
    for _ in range(2):
        out, epochs = sweep("-m", *SMALL, "trainer.max_epochs=1", "seed=0")
        assert epochs == 1
        assert "going on" not in out
    assert len(folders(tmp_path)) == 2


@pytest.mark.parametrize("other", ["seed=0,1", "trainer.max_epochs=2"])
def test_another_sweep_in_the_same_folder_is_refused(sweep, tmp_path, other):
    sweep(*GRID, "hydra.sweep.dir=mine", kill_after=2)
    before = (tmp_path / "mine" / "0" / "config.yaml").read_text()
    with pytest.raises(SystemExit, match=r"mine holds the sweep\n.*seed=0,1,2\nnot\n.*\nhydra\.sweep\.dir=<another"):
        main([*(word for word in GRID if word.split("=")[0] != other.split("=")[0]), other, "hydra.sweep.dir=mine"])
    assert (tmp_path / "mine" / "0" / "config.yaml").read_text() == before


def test_other_words_and_a_running_sweep_have_folders_of_their_own(sweep, tmp_path):
    words = ["-m", *SMALL, "trainer.max_epochs=1", "seed=0"]
    sweep(*words, kill_after=1)
    (folder,) = folders(tmp_path)
    out, _ = sweep(*words[:-1], "seed=1")
    assert "going on" not in out
    lock = FolderLock(folder / ".sweep.lock")
    assert lock.take()
    out, _ = sweep(*words)
    assert "going on" not in out
    lock.give_back()
    assert len(folders(tmp_path)) == 3


def test_a_named_folder_where_a_sweep_is_running(sweep, tmp_path):
    lock = FolderLock(tmp_path / "mine" / ".sweep.lock")
    assert lock.take()
    with pytest.raises(SystemExit, match=r"a sweep is running in mine; hydra\.sweep\.dir=<another folder>"):
        main([*GRID, "hydra.sweep.dir=mine"])
    lock.give_back()


def test_a_job_that_fails_is_told_and_tried_again(sweep, tmp_path, capsys):
    words = ["-m", *SMALL, "trainer.optimizer.lr=1e-3,1e30,1e-2", "loader.batch_size=32", "hydra.sweep.dir=mine"]
    with pytest.raises(SystemExit):
        sweep(*words)
    assert "Error executing job" not in capsys.readouterr().err, "Hydra's own line"
    names, first, failed, last = csv.reader((tmp_path / "mine" / "sweep.csv").read_text().splitlines())
    assert names == ["job", "trainer.optimizer.lr", "val recall@20", "test recall@20", "epochs", "minutes", "note"]
    assert failed[:-1] == ["1", "1e+30", "", "", "", ""]
    assert failed[-1].startswith("failed: FloatingPointError: epoch 0, step ")
    assert [first[-1], last[-1]] == ["", "best"]
    with pytest.raises(SystemExit):
        sweep(*words)
    assert json.loads((tmp_path / "mine" / "sweep.json").read_text())["ended"] is False


def test_words_for_jobs_are_quoted():
    config = OmegaConf.create({"hydra": {"sweep": {"dir": "x"}, "overrides": {"hydra": []}}})
    set_hydra_key(config, "sweep.dir", "a folder, it's=mine")
    assert config.hydra.sweep.dir == "a folder, it's=mine"
    from hydra.core.override_parser.overrides_parser import OverridesParser

    (word,) = OverridesParser.create().parse_overrides(list(config.hydra.overrides.hydra))
    assert word.key_or_group == "hydra.sweep.dir"
    assert word.value() == "a folder, it's=mine"
