"""Reproductions from end to end, in processes of their own as they are."""

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mmgraph.config.compose import compose_config
from mmgraph.evidence.finished import find_runs
from mmgraph.evidence.reproduce import training
from mmgraph.evidence.reproduce.api import reproduce
from mmgraph.pipeline.run import train
from tests.cli.test_train import without_timings
from tests.evidence.reproduce.conftest import SMALL
from tests.evidence.reproduce.killed import EPOCHS, WORDS

ROOT = Path(__file__).parents[3]


def tiny_table(**given):
    words = [*SMALL, "trainer.max_epochs=1"]
    return reproduce("rednd", "tiny", **{"dataset": "synthetic", "seeds": (0, 1), "words": words, "jobs": 2} | given)


def test_a_table_is_made_once(tiny, monkeypatch, capsys):
    made = tiny_table()
    assert not made.failed
    mf, image, audio, oracle = (row.cells[0] for row in made.table.rows)
    assert len(mf.values) == len(image.values) == 2
    assert mf.published == 0.5
    assert audio.note == "no audio to leave out on synthetic"
    assert oracle.note == "its code was never published"
    reports = find_runs([tiny / "outputs"])
    assert len(reports) == 4
    assert {tuple(run.report.dataset_summary["modalities"]) for run in reports} == {("image", "text"), ("text",)}
    mean = sum(run.report.test["recall@20"] for run in reports if run.report.model == "mf_bpr") / 2
    assert mf.mean == pytest.approx(mean)
    written = tiny / "outputs" / "reproductions" / "rednd-tiny"
    names = [f"rednd-tiny.{kind}" for kind in ("csv", "md", "png", "svg", "tex")]
    assert sorted(path.name for path in made.files) == [*names, "runs.csv"]
    page = (written / "rednd-tiny.md").read_text()
    assert "w/o audio (Planted): no audio to leave out on synthetic." in page
    assert "mmgraph-reproduce rednd tiny dataset=synthetic seeds=0,1" in page
    assert str(tiny) not in page
    assert os.uname().nodename not in page
    with (written / "runs.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 4
    monkeypatch.setattr(training, "COMMAND", ("false",))
    again = tiny_table(plan=False)
    assert again.table == made.table
    assert "4 runs, 4 of them finished before" in capsys.readouterr().err


def test_a_run_that_fails_is_a_note_and_the_others_are_made(tiny, monkeypatch):
    program = [
        "import sys",
        "from mmgraph.cli.train import main",
        "'model=vbpr' in sys.argv and sys.exit('Error: no memory')",
        "main()",
    ]
    monkeypatch.setattr(training, "COMMAND", (sys.executable, "-c", "; ".join(program)))
    made = tiny_table(seeds=0)
    assert list(made.failed.values()) == ["no memory"]
    without = tiny_table(train=False)
    assert [row.cells[0].note for row in without.table.rows[:2]] == ["not run with seed 1", "not run with seed 0, 1"]
    assert [len(row.cells[0].values) for row in without.table.rows[:2]] == [1, 0]
    mf, image, *_ = (row.cells[0] for row in made.table.rows)
    assert len(mf.values) == 1
    assert (image.values, image.note) == ((), "seed 0 failed: no memory")
    assert any("seed 0 failed: no memory" in note for note in made.table.notes)


def test_a_mistyped_word_fails_before_anything_is_run(tiny, monkeypatch):
    monkeypatch.setattr(training, "train_all", None)
    with pytest.raises(ValueError, match="did you mean 'max_epochs'"):
        tiny_table(words=["trainer.max_epohs=1"])
    assert not (tiny / "outputs").exists()


@pytest.mark.parametrize("point", ["in an epoch", "between runs"])
def test_a_kill_loses_an_epoch_at_most(tiny, point):
    command = [sys.executable, "-m", "tests.evidence.reproduce.killed", point, str(tiny)]
    search = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"PYTHONPATH": search}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == -signal.SIGKILL, run.stderr
    (rows,) = tiny.glob("outputs/**/metrics.csv")
    assert len(rows.read_text().splitlines()) == 1 + (1 if point == "in an epoch" else EPOCHS)
    written = rows.stat().st_mtime_ns
    made = reproduce("rednd", "one", dataset="synthetic", seeds=0, words=WORDS, jobs=1)
    assert not made.failed
    log = rows.parent.with_suffix(".log").read_text()
    assert any(line.startswith("epoch 0") for line in log.splitlines()) == (point == "between runs")
    assert (rows.stat().st_mtime_ns == written) == (point == "between runs")
    undisturbed = compose_config(["model=mf_bpr", "model.emb_dim=4", "dataset=synthetic", *WORDS, "seed=0"])
    report = train(undisturbed, tiny / "undisturbed", verbose=False).report
    (killed,) = find_runs([tiny / "outputs"])
    assert without_timings(killed.report.test) == without_timings(report.test)
    assert len(killed.report.history) == EPOCHS
