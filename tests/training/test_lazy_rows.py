"""Rows that move when they are met end where Adam moves them step by step."""

import pytest
import torch
from torch import nn

from mmgraph.training import CHECKPOINT, read_checkpoint
from mmgraph.training.lazy_rows import LazyRows, why_not
from mmgraph.training.step import TrainingStep
from tests.contract.conftest import small_parts

SIZES = ["dataset.num_users=150", "dataset.num_items=100", "dataset.num_topics=4", "loader.batch_size=12"]
EXPONENTIAL = ["trainer/scheduler=exponential", "trainer.scheduler.gamma=0.5"]
LAZY, PLAIN = "trainer.lazy_rows=true", "trainer.lazy_rows=false"


def fit(epochs, *words, model="mf_bpr", run_dir=None):
    parts = small_parts(model, *SIZES, *words, f"trainer.max_epochs={epochs}", modalities="{text: 8}")
    fitted = parts.trainer.fit(
        parts.model, parts.objective, parts.graph, parts.loader, evaluator=parts.evaluator, run_dir=run_dir
    )
    return fitted, parts.model


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("mf_bpr", []),
        ("mf_bpr", [*EXPONENTIAL, "trainer.clip=1e-2", "loader.num_negatives=3"]),
        ("vbpr", ["loader=neighbor"]),
        ("vbpr", ["trainer.optimizer.betas=[0.5,0.99]"]),
    ],
)
def test_some_hundred_steps_are_those_of_adam(model, words):
    lazy, lazy_model = fit(4, LAZY, *words, model=model)
    plain, plain_model = fit(4, PLAIN, *words, model=model)
    for ours, theirs in zip(lazy.history, plain.history, strict=True):
        for name in ("loss/bpr", "loss/reg", "val/recall@20"):
            assert ours[name] == pytest.approx(theirs[name], rel=1e-6)
    for name, weight in plain_model.state_dict().items():
        torch.testing.assert_close(lazy_model.state_dict()[name], weight, rtol=0, atol=1e-5)


def test_a_run_goes_on_to_the_bit(tmp_path):
    words = [LAZY, *EXPONENTIAL]
    fit(1, *words, run_dir=tmp_path / "cut")
    fit(3, *words, run_dir=tmp_path / "cut")
    fit(3, *words, run_dir=tmp_path / "whole")
    cut, whole = (read_checkpoint(tmp_path / name / CHECKPOINT) for name in ("cut", "whole"))
    for name, weight in whole["model"].items():
        assert torch.equal(cut["model"][name], weight), name
    for index, state in whole["optimizer"]["main"]["state"].items():
        for name, value in state.items():
            assert torch.equal(cut["optimizer"]["main"]["state"][index][name], value), name


def test_a_checkpoint_is_adam_s_own(tmp_path):
    fit(1, LAZY, run_dir=tmp_path / "lazy")
    fit(1, PLAIN, run_dir=tmp_path / "plain")
    lazy, plain = (read_checkpoint(tmp_path / name / CHECKPOINT)["optimizer"]["main"] for name in ("lazy", "plain"))
    assert lazy["param_groups"] == plain["param_groups"]
    for index, state in plain["state"].items():
        assert lazy["state"][index]["step"] == state["step"]
        for name in ("exp_avg", "exp_avg_sq"):
            largest = float(state[name].abs().max())
            torch.testing.assert_close(lazy["state"][index][name], state[name], rtol=0, atol=1e-5 * largest)


def step_of(*words):
    parts = small_parts("mf_bpr", *SIZES, *words)
    optimizers = parts.trainer.make_optimizers(parts.model)
    return TrainingStep(parts.model, parts.objective, optimizers, parts.trainer.fabric), parts


@pytest.mark.parametrize(("words", "few"), [([], True), (["dataset.num_users=20"], False), ([PLAIN], False)])
def test_auto_moves_the_rows_of_the_batch_where_they_are_few(words, few):
    step, parts = step_of("dataset.num_items=300", *words)
    first, second, *_ = parts.loader.epoch(parts.graph, 0)
    step(*first, ["main"])
    before = parts.model.user_table.detach().clone()
    step(*second, ["main"])
    moved = (parts.model.user_table != before).any(1).nonzero().flatten()
    assert torch.equal(moved, second[1].user.unique()) == few
    assert (parts.model.user_table.grad is None) == few, "no gradient as large as the table is built"


def test_a_table_that_is_read_past_its_rows_is_an_error_not_another_training():
    step, parts = step_of(LAZY)
    batches = list(parts.loader.epoch(parts.graph, 0))
    step(*batches[0], ["main"])
    term = step.objective.terms["bpr"]
    plain = type(term).forward
    term.forward = lambda model, *rest: plain(term, model, *rest) + model.user_table.sum()
    with pytest.raises(RuntimeError, match=r"read past self\.rows.*trainer\.lazy_rows=false"):
        step(*batches[1], ["main"])


def test_a_whole_table_and_some_of_its_rows_in_one_step_are_moved_together():
    def twice(graph):
        some = model.rows(model.table, graph)
        del graph["n_id"]
        return some.sum() + model.rows(model.table, graph).square().sum()

    results = []
    for lazy in (True, False):
        step, parts = step_of(f"trainer.lazy_rows={str(lazy).lower()}")
        model = parts.model
        model.table = model.user_table
        optimizers = step.optimizers
        for rows in ([0, 3], [3, 5], [1, 2]):
            graph = parts.graph.clone()["user"]
            graph.n_id = torch.tensor(rows)
            with optimizers.rows.reading():
                optimizers.step("main", twice(graph), parts.trainer.fabric)
        results.append(model.user_table.detach().clone())
    torch.testing.assert_close(*results, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["trainer.optimizer.weight_decay=0.1"], r"'main' has weight_decay=0\.1, by which"),
        (["trainer.optimizer._target_=torch.optim.AdamW"], "'main' is moved by AdamW, and only what Adam does"),
        (["trainer.optimizer.eps=1e-3"], r"'main' has eps=0\.001 .* at most 1e-06"),
    ],
)
def test_what_has_no_closed_form_is_refused_if_asked_for_and_else_moved_step_by_step(words, reason):
    parts = small_parts("mf_bpr", *SIZES, *words, LAZY)
    with pytest.raises(ValueError, match=rf"trainer\.lazy_rows=true: parameter group {reason}"):
        parts.trainer.make_optimizers(parts.model)
    parts = small_parts("mf_bpr", *SIZES, *words)
    assert not parts.trainer.make_optimizers(parts.model).rows


def test_a_step_that_reads_every_row_is_refused_if_rows_are_asked_for():
    with pytest.raises(ValueError, match=r"LightGCN on the full graph reads all of them; take loader"):
        fit(1, LAZY, model="lightgcn")


def test_rows_are_moved_one_by_one_by_adam_only():
    table = nn.Parameter(torch.zeros(3, 2))
    assert why_not(torch.optim.Adam([table], lr=torch.tensor(0.1), capturable=False)) is not None
    assert not LazyRows({"main": torch.optim.SGD([table], lr=0.1)}, "auto")
    assert not LazyRows({"main": torch.optim.Adam([table])}, False)
    assert LazyRows({"main": torch.optim.Adam([table])}, "auto")
