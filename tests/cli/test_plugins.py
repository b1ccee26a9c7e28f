"""A model of somebody else's package on the command line, each time in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugin_package import write_entry_point, write_files, write_package

WORDS = ["model=mine", "dataset=own", "loader=own", "evaluator=own", "trainer.accelerator=cpu", "trainer.max_epochs=2"]


def command(module, *words, folder, **environment):
    """What a command printed, having ended well."""
    run = try_command(module, *words, folder=folder, **environment)
    assert run.returncode == 0, run.stderr
    return run.stdout


def try_command(module, *words, folder, **environment):
    search = [*filter(None, [environment.pop("PYTHONPATH", "")]), os.environ.get("PYTHONPATH", "")]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(search), **environment}
    line = [sys.executable, "-m", f"mmgraph.cli.{module}", *map(str, words)]
    return subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, timeout=300)


def report(run_dir):
    return json.loads((Path(run_dir) / "report.json").read_text())


@pytest.fixture(params=["loose", "installed"])
def way(request, tmp_path):
    """Environment that announces ``my_package``."""
    folder = tmp_path / request.param
    write_package(folder, "my_package")
    if request.param == "loose":
        return {"MMGRAPH_PLUGINS": "./loose/my_package"}
    write_entry_point(folder, "my_package")
    return {"PYTHONPATH": str(folder)}


def test_it_is_trained_reported_resumed_and_evaluated(way, tmp_path):
    run_dir = tmp_path / "run"
    assert "mine on synthetic" in command("train", *WORDS, f"hydra.run.dir={run_dir}", folder=tmp_path, **way)
    done = report(run_dir)
    assert done["model"] == "mine"
    assert done["versions"]["my_package"].startswith("1.2.3" if "MMGRAPH_PLUGINS" in way else "4.5")
    assert done["config"]["model"]["emb_dim"] == 4
    assert "equal to" in command("evaluate", run_dir, folder=tmp_path, **way)
    (run_dir / "report.json").unlink()
    command("train", f"resume={run_dir}", "model=mine", folder=tmp_path, **way)
    assert report(run_dir)["test"] == done["test"]
    refused = try_command("evaluate", run_dir, folder=tmp_path)
    assert refused.returncode == 1
    assert "my_package is no plugin. If it is yours, or you trust it, say so where you start the run" in refused.stderr


def test_it_is_swept_side_by_side_by_its_own_grid(way, tmp_path):
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher")
    sweep = ["sweeper=mine", "launcher=joblib", "hydra.launcher.n_jobs=2", f"hydra.sweep.dir={tmp_path / 'sweep'}"]
    command("train", *WORDS, *sweep, folder=tmp_path, **way)
    assert [report(tmp_path / "sweep" / job)["config"]["model"]["emb_dim"] for job in "01"] == [4, 6]


def test_help_and_all_values_show_what_it_brings(way, tmp_path):
    shown = command("train", "--help", folder=tmp_path, **way)
    assert "mgnm, micro, mine, mmgcl" in shown
    assert "_target_: my_package.Mine" in command("train", *WORDS, "--cfg", "job", folder=tmp_path, **way)


def test_its_class_with_a_config_folder_beside(tmp_path):
    """``--config-dir my_conf model=mine``, as the folder of configs may be somebody else's again."""
    package = write_package(tmp_path / "loose", "my_package", files={})
    write_files(tmp_path / "my_conf", "my_package")
    words = ["--config-dir", "my_conf", *WORDS, f"hydra.run.dir={tmp_path / 'run'}"]
    command("train", *words, folder=tmp_path, MMGRAPH_PLUGINS=str(package))
    assert report(tmp_path / "run")["model"] == "mine"
    (tmp_path / "run" / "report.json").unlink()
    refused = try_command("train", *words[:2], f"resume={tmp_path / 'run'}", folder=tmp_path)
    assert "my_package is no plugin" in refused.stderr


def test_a_broken_one_is_harmless_and_named_when_its_model_is_asked_for(tmp_path):
    package = write_package(tmp_path, "my_package", code="import not_there_at_all")
    small = ["trainer.accelerator=cpu", "trainer.max_epochs=1", f"hydra.run.dir={tmp_path / 'run'}"]
    command("train", "model=mf_bpr", *small, folder=tmp_path, MMGRAPH_PLUGINS=str(package))
    own = ["model=mine", "loss=bpr", "graph=none", *small[:2]]
    run = try_command("train", *own, folder=tmp_path, MMGRAPH_PLUGINS=str(package))
    assert run.returncode == 1
    assert "model._target_='my_package.Mine' cannot be imported: No module named 'not_there_at_all'" in run.stderr
    absent = try_command("train", "model=mine", folder=tmp_path, MMGRAPH_PLUGINS="./my_pakage")
    assert "model=mine: there is no such file" in absent.stderr
    said = f"the plugin my_pakage (MMGRAPH_PLUGINS={tmp_path}/my_pakage) is left out: there is no such folder"
    assert said in absent.stderr


def test_a_job_of_a_sweep_cannot_be_given_plugins_by_its_config(tmp_path):
    """Files that only a job chooses are read in the job."""
    write_package(tmp_path, "my_package")
    (tmp_path / "my_conf" / "experiment").mkdir(parents=True)
    for name in "ab":
        text = "# @package _global_\nhydra: {job: {env_set: {MMGRAPH_PLUGINS: ./my_package}}}\n"
        (tmp_path / "my_conf" / "experiment" / f"{name}.yaml").write_text(text)
    words = ["-m", "experiment=a,b", "model=mf_bpr", "trainer.max_epochs=1", f"hydra.sweep.dir={tmp_path / 'sweep'}"]
    run = try_command("train", "--config-dir", "my_conf", *words, folder=tmp_path)
    assert run.returncode == 1
    assert "hydra.job.env_set.MMGRAPH_PLUGINS is not allowed" in run.stderr
