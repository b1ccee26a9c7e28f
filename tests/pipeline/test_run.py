"""What a run does to the process; what it leaves behind is in test_train.py."""

import csv
import subprocess
import sys

import pytest

from mmgraph.config.compose import compose_config
from mmgraph.pipeline.report import load_report, summary_line
from mmgraph.pipeline.run import restore, train
from mmgraph.training.progress import TrainingProgress
from tests.cli.test_train import words

RUN_AND_MULTIPLY = """
import sys, torch
from mmgraph.cli.train import main
torch.set_num_threads(2)
main(sys.argv[1:])
print("left", (torch.full((2**21,), 1e-30) * 1e-10).count_nonzero().item())
"""


def test_denormal_numbers_are_zero_on_every_thread(tmp_path):
    arguments = words(tmp_path / "run", "trainer.max_epochs=1", model="mf_bpr")
    run = subprocess.run([sys.executable, "-c", RUN_AND_MULTIPLY, *arguments], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split()[-2:] == ["left", "0"]


FEW = ["trainer.max_epochs=5", "trainer.evaluate_every=2", "evaluator.sample_users=30"]


class CutError(Exception):
    pass


def cut_at(epoch):
    def look(history):
        if history and history[-1]["epoch"] >= epoch:
            raise CutError

    return look


def interrupt(*_, **__):
    raise KeyboardInterrupt


def composed(folder, *others):
    return compose_config(words(folder, *others, model="mf_bpr"))


def test_a_report_says_on_whom_the_best_epoch_was_chosen(tmp_path):
    trained = train(composed(tmp_path / "run", *FEW), tmp_path / "run", verbose=False)
    report = load_report(tmp_path / "run" / "report.json")
    best = report.history[report.best_epoch]
    assert report.selection["users"] == 30
    assert report.selection["of"] == trained.parts.evaluator.num_users("val") > 30
    assert report.selection["metrics"]["recall@20"] == best["val/recall@20"]
    assert report.val == trained.parts.evaluator(trained.parts.model, trained.parts.graph, "val").metrics
    assert f"chosen on a sample of 30 of {report.selection['of']} users" in summary_line(report)
    with (tmp_path / "run" / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows if row["val/recall@20"]] == ["1", "3", "4"]
    assert all(row["loss/bpr"] for row in rows)


def test_a_run_that_was_cut_off_before_its_first_evaluation_has_no_best_weights(tmp_path, monkeypatch):
    run = tmp_path / "run"
    monkeypatch.setattr(TrainingProgress, "epoch", interrupt)
    with pytest.raises(KeyboardInterrupt):
        train(composed(run, *FEW), run, verbose=False)
    with pytest.raises(FileNotFoundError, match=r"was cut off before its first evaluation.* resume="):
        restore(run)


def test_who_looks_on_can_end_a_run_and_it_can_be_gone_on_with(tmp_path):
    run = tmp_path / "run"
    with pytest.raises(CutError):
        train(composed(run, *FEW), run, verbose=False, on_evaluation=cut_at(3))
    assert not (run / "report.json").exists()
    cut = train(composed(run, *FEW), run, verbose=False).report
    whole = train(composed(tmp_path / "whole", *FEW), tmp_path / "whole", verbose=False).report
    assert (cut.val, cut.test, cut.selection) == (whole.val, whole.test, whole.selection)
