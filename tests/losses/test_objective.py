import pytest
import torch
from torch import Tensor

from mmgraph.losses import BPR, L2, Bootstrap, InBatchNCE, InfoNCE, LossTerm, Objective
from mmgraph.typing import Encoding


class Constant(LossTerm):
    def forward(self, model: object, encoding: object, batch: object) -> Tensor:
        return torch.tensor(3.0)


class NeverCalled(LossTerm):
    def forward(self, model: object, encoding: object, batch: object) -> Tensor:
        raise AssertionError("a term of weight 0 was computed")


def test_terms_come_back_weighted_and_by_name(model, encoding, batch):
    objective = Objective({"bpr": BPR(weight=2), "constant": Constant(weight=0.5)})
    losses = objective(model, encoding, batch)
    assert list(losses) == ["bpr", "constant"]
    assert losses["constant"].item() == 1.5
    torch.testing.assert_close(losses["bpr"], 2 * BPR()(model, encoding, batch))
    sum(losses.values()).backward()
    assert encoding.user.grad.abs().sum() > 0


@pytest.mark.parametrize("weight", [0, 0.0, None])
def test_a_term_without_weight_is_never_computed(model, encoding, batch, weight):
    objective = Objective({"never": NeverCalled(weight=weight), "constant": Constant()})
    assert list(objective(model, encoding, batch)) == ["constant"]


def test_settings_left_over_are_dropped_with_a_warning_that_names_them(model, encoding, batch):
    with pytest.warns(UserWarning, match=r"\['align', 'reg'\].*no _target_"):
        objective = Objective({"align": {"weight": 1e-3}, "constant": Constant(), "reg": {"weight": 1.0}})
    assert list(objective(model, encoding, batch)) == ["constant"]


def test_nothing_to_minimise_is_allowed_when_nothing_is_named(model, encoding, batch):
    assert Objective({})(model, encoding, batch) == {}


def test_terms_none_of_which_is_active_are_an_error():
    with pytest.raises(ValueError, match=r"no loss term is active: of \['bpr', 'reg'\]"):
        Objective({"bpr": BPR(weight=0), "reg": L2("ego", weight=None)})
    with pytest.raises(ValueError, match="no loss term is active"), pytest.warns(UserWarning, match="dropped"):
        Objective({"align": {"weight": 1e-3}})


@pytest.mark.parametrize("weight", [-1e-3, float("nan"), float("inf")])
def test_weights_that_make_no_sense(weight):
    with pytest.raises(ValueError, match=r"weight=.* of Constant must be finite and at least 0"):
        Constant(weight=weight)


def test_terms_are_modules_that_move_with_the_objective():
    term = Constant()
    term.register_buffer("scale", torch.ones(1))
    assert [name for name, _ in Objective({"constant": term}).double().named_buffers()] == ["terms.constant.scale"]
    assert term.scale.dtype == torch.float64


@pytest.mark.parametrize(
    "term",
    [
        InfoNCE("modal.*", "modal.*", tau=0.2),
        InBatchNCE("modal.*", "modal.text", anchor_row="user", positive_row="user", tau=0.2),
        Bootstrap("modal.*", "modal.*", online_row="user", target_row="user"),
    ],
)
def test_a_term_that_lacks_a_second_view_is_named_and_comes_to_nothing(term, model, batch):
    user, item = torch.randn(5, 3), torch.randn(7, 3)
    views = {name: {"user": user + shift, "item": item} for shift, name in enumerate(("modal.text", "modal.image"))}
    both, one = Encoding(user, item, views), Encoding(user, item, {"modal.text": views["modal.text"]})
    for encoding, idle in ((both, set()), (one, {"contrast"})):
        objective = Objective({"contrast": term, "bpr": BPR()})
        value = objective(model, encoding, batch)["contrast"].item()
        assert objective.idle == idle
        assert (value == 0) == bool(idle)
