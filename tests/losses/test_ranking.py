import math

import pytest
import torch
from torch.nn import functional as F

from mmgraph.losses import BCE, BPR, ModalityBPR
from mmgraph.typing import Encoding, Triplets


def test_bpr_ranks_by_the_models_scores(model, encoding, batch):
    scores = encoding.user @ encoding.item.T
    difference = scores[batch.user, batch.pos_item] - scores[batch.user, batch.neg_item]
    expected = -F.logsigmoid(difference).mean()
    torch.testing.assert_close(BPR()(model, encoding, batch), expected)
    torch.testing.assert_close(BPR(base=2)(model, encoding, batch), expected / math.log(2))
    torch.testing.assert_close(BPR(reduction="sum")(model, encoding, batch), expected * 4)


def test_several_negatives(model, encoding, batch):
    negatives = torch.tensor([[0, 1], [3, 3], [1, 0], [0, 0]])
    scores = encoding.user @ encoding.item.T
    difference = scores[batch.user, batch.pos_item].unsqueeze(1) - scores[batch.user.unsqueeze(1), negatives]
    several = batch._replace(neg_item=negatives)
    torch.testing.assert_close(BPR()(model, encoding, several), -F.logsigmoid(difference).mean())
    modal = encoding._replace(views={"modal.text": {"item": encoding.item}})
    torch.testing.assert_close(ModalityBPR()(model, modal, several), -F.logsigmoid(difference).mean())


def test_bce_reads_the_models_scores(model, encoding, batch):
    scores = encoding.user @ encoding.item.T
    pos, neg = scores[batch.user, batch.pos_item].sigmoid(), scores[batch.user, batch.neg_item].sigmoid()
    expected = -(pos.log() + (1 - neg).log()).mean() / 2
    torch.testing.assert_close(BCE()(model, encoding, batch), expected)
    torch.testing.assert_close(BCE(reduction="sum")(model, encoding, batch), expected * 8)
    with pytest.raises(ValueError, match="reduction='max' is not known"):
        BCE(reduction="max")


def test_modality_bpr_by_hand(model):
    views = {
        "modal.image": {"item": torch.tensor([[1.0, 0.0], [0.0, 0.0]])},
        "modal.text": {"item": torch.tensor([[0.0, 3.0], [0.0, 1.0]])},
    }
    encoding = Encoding(torch.tensor([[2.0, 1.0]]), torch.zeros(2, 2), views)
    batch = Triplets(torch.tensor([0]), torch.tensor([0]), torch.tensor([1]))
    value = ModalityBPR("modal.*")(model, encoding, batch).item()
    assert value == pytest.approx(2 * math.log(1 + math.exp(-2)))  # both modalities differ by 2
    assert ModalityBPR("modal.text", base=2)(model, encoding, batch).item() == pytest.approx(
        math.log2(1 + math.exp(-2))
    )


def test_modality_bpr_reaches_users_and_every_modality(model, encoding, batch):
    ModalityBPR()(model, encoding, batch).backward()
    assert encoding.user.grad[[0, 1, 4]].abs().sum(1).min() > 0
    assert encoding.item.grad is None
    assert all(encoding.views[f"modal.{name}"]["item"].grad is not None for name in ("image", "text"))


def test_modality_bpr_says_what_does_not_fit(model, encoding, batch):
    with pytest.raises(KeyError, match=r"'preference.image' has no 'item' rows"):
        ModalityBPR("preference.*")(model, encoding, batch)
    wide = encoding._replace(views={"modal.text": {"item": torch.ones(7, 5)}})
    with pytest.raises(ValueError, match=r"'modal.text' has vectors of 5, the final users of 3"):
        ModalityBPR()(model, wide, batch)
    with pytest.raises(KeyError, match="no view matches 'modality"):
        ModalityBPR("modality.*")(model, encoding, batch)


def test_a_view_that_is_not_there_yet_adds_nothing(model, encoding, batch):
    assert ModalityBPR("later")(model, encoding, batch).item() == 0


@pytest.mark.parametrize("term", [BPR, ModalityBPR])
@pytest.mark.parametrize("change", [{"base": 1}, {"reduction": "max"}, {"weight": -1}, {"weight": float("inf")}])
def test_settings_out_of_range_are_refused_when_built(term, change):
    with pytest.raises(ValueError, match=next(iter(change))):
        term(**change)
