"""Several jobs at a time: folders of their own, lines that tell whose they are, data that nobody changes."""

import hashlib
import importlib
import json
import os
import subprocess
import sys
import warnings

import pytest

from mmgraph.config.compose import compose_config
from tests.cli.conftest import RUN_FILES

SMALL = [
    "model=lightgcn",
    "dataset.num_users=120",
    "dataset.num_items=80",
    "dataset.num_topics=4",
    "trainer.accelerator=cpu",
]
LAUNCHERS = {
    "forked": (None, ["launcher=forked"]),
    "joblib": ("sweeps", ["launcher=joblib"]),
    "ray": ("ray", ["launcher=ray", "hydra.launcher.ray.init.num_cpus=2"]),
    "submitit": (
        "submitit",
        ["launcher=submitit", "hydra/launcher=submitit_local", "hydra.launcher.cpus_per_task=1"],
    ),
}


def finish(*words):
    """The command line in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "mmgraph.cli.train", *words],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    return run.returncode, run.stdout, run.stderr


def report(run_dir):
    return json.loads((run_dir / "report.json").read_text())


def need(name):
    """Skips loudly without the extra of a launcher."""
    if LAUNCHERS[name][0] is None:
        return
    try:
        importlib.import_module(f"hydra_plugins.hydra_{name}_launcher")
    except ModuleNotFoundError:
        message = f'launcher={name} is not tested: it needs pip install -e ".[{LAUNCHERS[name][0]}]"'
        warnings.warn(message, stacklevel=2)
        pytest.skip(message, allow_module_level=True)


def fingerprint(folder):
    return {
        str(path.relative_to(folder)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write_data_set(folder):
    """Twelve users, nine items, two modalities."""
    import numpy as np

    folder.mkdir()
    generator = np.random.default_rng(0)
    rows = [
        f"{user}\t{item}\t{label}"
        for user in range(12)
        for item, label in zip(generator.permutation(9)[:6], (0, 0, 0, 0, 1, 2), strict=True)
    ]
    (folder / f"{folder.name}.inter").write_text("\n".join(["userID\titemID\tx_label", *rows]) + "\n")
    for name, width in (("image", 6), ("text", 4)):
        np.save(folder / f"{name}_feat.npy", generator.standard_normal((9, width)).astype("float32"))


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_jobs_side_by_side(launcher, tmp_path):
    need(launcher)
    data = tmp_path / "toy"
    write_data_set(data)
    before = fingerprint(data)
    words = ["model=lightgcn", "dataset=folder", f"dataset.root={data}", "evaluator.ks=[5]", "trainer.max_epochs=2"]
    words += ["trainer.accelerator=cpu", "trainer.monitor=recall@5", f"hydra.sweep.dir={tmp_path}/sweep"]
    code, out, err = finish("-m", *LAUNCHERS[launcher][1], *words, "seed=0,1")
    assert code == 0, err
    assert fingerprint(data) == before
    for seed in (0, 1):
        folder = tmp_path / "sweep" / str(seed)
        assert sorted(os.listdir(folder)) == RUN_FILES
        assert report(folder)["seed"] == seed
    assert report(tmp_path / "sweep" / "0")["test"] != report(tmp_path / "sweep" / "1")["test"]
    if launcher == "submitit":  # each job prints to a file of its own
        out = "\n".join(path.read_text() for path in (tmp_path / "sweep" / ".submitit").rglob("*.out"))
    for seed in (0, 1):
        mine = [line for line in out.splitlines() if f"[{seed}] " in line]
        assert f"seed={seed}" in mine[0]
        assert [line.split("] ")[1].split("  ")[0] for line in mine if "] epoch" in line] == ["epoch 0", "epoch 1"]
    assert sum("] epoch" in line or line.startswith("epoch") for line in out.splitlines()) == 4, (
        "no line is of unknown origin"
    )


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_configs_name_options_that_the_launcher_has(launcher):
    need(launcher)
    compose_config([LAUNCHERS[launcher][1][0]])


def test_a_mistake_in_a_sweep_names_what_is_right():
    code, _, err = finish("-m", *SMALL, "seed=0,1", "trainer.max_epoch=3")
    assert code == 1
    assert "did you mean 'max_epochs'" in err


@pytest.mark.parametrize("launcher", ["joblib", "forked"])
def test_a_killed_sweep_leaves_no_job_behind(launcher, tmp_path):
    """Both jobs train when their sweep is killed; neither may, a moment later."""
    need(launcher)
    words = ["-m", *SMALL, f"launcher={launcher}", "seed=0,1", "trainer.max_epochs=3000", "trainer.patience=3000"]
    command = [sys.executable, "-m", "mmgraph.cli.train", *words, f"hydra.sweep.dir={tmp_path}"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    training: set[str] = set()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as sweep:
        while len(training) < 2:
            line = sweep.stdout.readline()
            assert line, "the sweep ended"
            training |= {line[:3]} if "] epoch" in line else set()
        sweep.kill()
        sweep.stdout.read()  # ends when nobody is left to write
    assert sorted(path.name for path in tmp_path.glob("*/checkpoint.pt")) == ["checkpoint.pt"] * 2
    assert not list(tmp_path.glob("*/report.json")), "a job trained on to its end"
