"""What the loop does beside what a whole run shows (tests/cli/test_train.py)."""

import pytest
import torch

from mmgraph.training import CHECKPOINT, read_checkpoint
from tests.contract.conftest import small_parts

EXPONENTIAL = ["trainer/scheduler=exponential", "trainer.scheduler.gamma=0.5"]
PLATEAU = ["trainer/scheduler=plateau", "trainer.scheduler.patience=0", "trainer.scheduler.threshold=0.5"]
CLIP = ["trainer.clip=1e-3"]
SIZES = ["dataset.num_users=60", "dataset.num_items=50", "dataset.num_topics=4", "loader.batch_size=512"]


def fit(run_dir, epochs, *words, model="mf_bpr", **watching):
    parts = small_parts(model, *SIZES, *words, f"trainer.max_epochs={epochs}", modalities="{text: 8}")
    return parts.trainer.fit(
        parts.model, parts.objective, parts.graph, parts.loader, evaluator=parts.evaluator, run_dir=run_dir, **watching
    )


@pytest.mark.parametrize(
    ("model", "words", "begun"),
    [("mmssl", [*EXPONENTIAL, *CLIP], {"critic": 3e-4, "main": 1e-3}), ("mf_bpr", PLATEAU, {"main": 1e-3})],
)
def test_a_run_that_goes_on_keeps_its_rates_to_the_bit(tmp_path, model, words, begun):
    fit(tmp_path / "cut", 2, *words, model=model)
    fit(tmp_path / "cut", 4, *words, model=model)
    fit(tmp_path / "whole", 4, *words, model=model)
    cut, whole = (read_checkpoint(tmp_path / name / CHECKPOINT) for name in ("cut", "whole"))
    for name, weight in whole["model"].items():
        assert torch.equal(cut["model"][name], weight), name
    assert set(whole["optimizer"]) == set(begun)
    for group, state in whole["optimizer"].items():
        assert cut["optimizer"][group]["scheduler"] == state["scheduler"]
        assert state["param_groups"][0]["lr"] <= begun[group] / 2


@pytest.mark.parametrize("words", [EXPONENTIAL, CLIP, PLATEAU])
def test_each_changes_the_weights(tmp_path, words):
    """So that the test above compares what they do."""
    plain, other = (fit(tmp_path / str(len(extra)), 4, *extra) for extra in ([], words))
    assert plain.history[0]["loss/bpr"] == other.history[0]["loss/bpr"] or words is CLIP
    assert plain.history[-1]["loss/bpr"] != other.history[-1]["loss/bpr"]


@pytest.mark.parametrize("clip", ["0", "-1", "inf"])
def test_a_clip_that_is_none(clip):
    with pytest.raises(ValueError, match=r"trainer\.clip must be above 0 and finite, or null"):
        small_parts("mf_bpr", f"trainer.clip={clip}")


def test_a_checkpoint_from_before_there_were_schedulers_goes_on(tmp_path):
    fitted = fit(tmp_path, 1)
    content = read_checkpoint(tmp_path / CHECKPOINT)
    assert all("scheduler" not in state for state in content["optimizer"].values()), "as it was written before"
    resumed = fit(tmp_path, 2)
    assert [row["epoch"] for row in resumed.history] == [0, 1]
    assert resumed.history[0] == fitted.history[0]


def evaluated(fitted):
    """The epochs whose rows have validation metrics."""
    return [row["epoch"] for row in fitted.history if "val/recall@20" in row]


def losses(fitted):
    return [row["loss/bpr"] for row in fitted.history]


def test_only_every_third_epoch_and_the_last_are_evaluated(tmp_path):
    every = fit(tmp_path / "every", 8)
    third = fit(tmp_path / "third", 8, "trainer.evaluate_every=3")
    assert evaluated(third) == [2, 5, 7]
    assert losses(third) == losses(every), "ranking changes nothing in training"
    metric = {row["epoch"]: row["val/recall@20"] for row in every.history}
    for row in third.history:
        if row["epoch"] in (2, 5, 7):
            assert row["val/recall@20"] == metric[row["epoch"]]
            assert "evaluation_seconds" in row
        else:
            assert sorted(row) == ["epoch", "loss/bpr", "loss/reg", "seconds"]
    assert third.best_epoch == max((2, 5, 7), key=metric.get)
    assert third.val["recall@20"] == metric[third.best_epoch]


def test_patience_counts_evaluations():
    """With a rate of 0 nothing becomes better after the first evaluation."""
    still = ["trainer.optimizer.lr=0", "trainer.patience=2", "trainer.evaluate_every=3"]
    assert evaluated(fit(None, 50, *still)) == [2, 5, 8]


class CutError(Exception):
    pass


def cut_after(epoch):
    def look(history):
        if history and history[-1]["epoch"] >= epoch:
            raise CutError

    return look


@pytest.mark.parametrize("words", [EXPONENTIAL, PLATEAU])
def test_a_run_with_few_evaluations_goes_on_to_the_bit(tmp_path, words):
    words = [*words, "trainer.evaluate_every=2", "evaluator.sample_users=20"]
    with pytest.raises(CutError):
        fit(tmp_path / "cut", 7, *words, on_evaluation=cut_after(3))
    cut = fit(tmp_path / "cut", 7, *words)
    whole = fit(tmp_path / "whole", 7, *words)
    assert evaluated(cut) == [1, 3, 5, 6]
    assert cut.val == whole.val
    assert cut.sampled == whole.sampled
    assert losses(cut) == losses(whole)
    cut, whole = (read_checkpoint(tmp_path / name / CHECKPOINT) for name in ("cut", "whole"))
    for name, weight in whole["model"].items():
        assert torch.equal(cut["model"][name], weight), name
    assert cut["optimizer"]["main"]["scheduler"] == whole["optimizer"]["main"]["scheduler"]
    assert cut["state"]["stale_evaluations"] == whole["state"]["stale_evaluations"]


def test_the_end_is_ranked_in_full(tmp_path):
    words = ["evaluator.sample_users=20", "evaluator.seed=1"]
    parts = small_parts("mf_bpr", *SIZES, *words, "trainer.max_epochs=3", modalities="{text: 8}")
    fitted = parts.trainer.fit(parts.model, parts.objective, parts.graph, parts.loader, evaluator=parts.evaluator)
    best = fitted.history[fitted.best_epoch]
    assert fitted.sampled["recall@20"] == best["val/recall@20"] == max(row["val/recall@20"] for row in fitted.history)
    assert fitted.val == parts.evaluator(parts.model, parts.graph, "val").metrics != fitted.sampled
    assert fit(tmp_path, 3).sampled is None


def test_who_looks_on_sees_the_history_and_can_end_the_training(tmp_path):
    seen = []
    with pytest.raises(CutError):
        fit(tmp_path, 5, on_evaluation=lambda history: (seen.append(len(history)), cut_after(2)(history)))
    assert seen == [0, 1, 2, 3]
    with pytest.raises(CutError):
        fit(tmp_path, 5, on_evaluation=cut_after(2))
    fit(tmp_path, 5, on_evaluation=lambda history: seen.append(len(history)))
    assert seen == [0, 1, 2, 3, 3, 4, 5], "once when it goes on, and the one before trained nothing"
