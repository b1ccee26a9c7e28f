"""What the loop does beside what a whole run shows (tests/cli/test_train.py)."""

import pytest
import torch

from mmgraph.training import CHECKPOINT, read_checkpoint
from tests.contract.conftest import small_parts

EXPONENTIAL = ["trainer/scheduler=exponential", "trainer.scheduler.gamma=0.5"]
PLATEAU = ["trainer/scheduler=plateau", "trainer.scheduler.patience=0", "trainer.scheduler.threshold=0.5"]
CLIP = ["trainer.clip=1e-3"]
SIZES = ["dataset.num_users=60", "dataset.num_items=50", "dataset.num_topics=4", "loader.batch_size=512"]


def fit(run_dir, epochs, *words, model="mf_bpr"):
    parts = small_parts(model, *SIZES, *words, f"trainer.max_epochs={epochs}", modalities="{text: 8}")
    return parts.trainer.fit(
        parts.model, parts.objective, parts.graph, parts.loader, evaluator=parts.evaluator, run_dir=run_dir
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
