import pytest
import torch

from mmgraph.losses import L2
from mmgraph.typing import Encoding, Triplets


def test_embloss_of_mmrec(model, encoding, batch):
    users, positives, negatives = (
        encoding.user[batch.user],
        encoding.item[batch.pos_item],
        encoding.item[batch.neg_item],
    )
    expected = (users.norm() + positives.norm() + negatives.norm()) / 4
    term = L2("final", squared=False, reduction="batchmean")
    torch.testing.assert_close(term(model, encoding, batch), expected)


def test_half_the_squares_over_the_batch_of_lightgcn(model, encoding, batch):
    views = {"ego": {"user": encoding.user, "item": encoding.item}}
    rows = torch.cat([encoding.user[batch.user], encoding.item[batch.pos_item], encoding.item[batch.neg_item]])
    term = L2("ego", half=True, reduction="batchmean")
    torch.testing.assert_close(term(model, encoding._replace(views=views), batch), rows.square().sum() / 2 / 4)


def test_both_forms_of_rednd(model, encoding, batch):
    image, text = (encoding.views[f"preference.{name}"]["user"] for name in ("image", "text"))
    expected = (image[batch.user] ** 2).mean() + (text[batch.user] ** 2).mean()
    torch.testing.assert_close(L2("preference.*", rows=["user"])(model, encoding, batch), expected)
    torch.testing.assert_close(L2("preference.*")(model, encoding, batch), expected)
    weights = encoding.views["user_weight"]["user"]
    torch.testing.assert_close(L2("user_weight", rows="all")(model, encoding, batch), (weights**2).mean())


def test_norms_of_whole_tables_over_the_items_of_bm3(model, encoding, batch):
    term = L2("final", rows="all", squared=False, reduction="rowmean")
    torch.testing.assert_close(term(model, encoding, batch), (encoding.user.norm() + encoding.item.norm()) / 7)


def test_by_hand(model):
    encoding = Encoding(torch.tensor([[3.0, 4.0], [1.0, 0.0]]), torch.tensor([[0.0, 2.0]]))
    batch = Triplets(torch.tensor([0, 0]), torch.tensor([0, 0]), torch.tensor([0, 0]))

    def value(**settings: object) -> float:
        return L2("final", **settings)(model, encoding, batch).item()

    assert value(rows=["user"], reduction="sum") == 50
    assert value(rows=["user", "pos_item"], reduction="sum") == 58
    assert value(rows="batch", reduction="sum") == 66
    assert value(rows="batch", reduction="batchmean") == 33
    assert value(rows="all", reduction="sum") == 25 + 1 + 4
    assert value(rows="all", reduction="mean") == 26 / 4 + 4 / 2
    assert value(rows="all", reduction="rowmean") == 30  # one item
    assert value(rows=["user"], reduction="rowmean", half=True) == 50 / 2 / 2
    assert value(rows="all", reduction="sum", squared=False, half=True) == pytest.approx((26**0.5 + 2) / 2)


def test_all_rows_of_a_subgraph_are_its_seeds(model, encoding, batch):
    seeds = {"user": torch.tensor([1, 3]), "item": torch.tensor([0])}
    value = L2("final", rows="all", reduction="sum")(model, encoding, batch._replace(nodes=seeds))
    torch.testing.assert_close(value, (encoding.user[[1, 3]] ** 2).sum() + (encoding.item[0] ** 2).sum())


def test_several_patterns_and_negatives(model, encoding, batch):
    negatives = torch.tensor([[0, 1], [3, 3], [1, 0], [0, 0]])
    term = L2(["modal.*", "fused", "modal.image"], rows=["neg_item"], reduction="sum")  # a view counts once
    tables = [encoding.views[name]["item"] for name in ("modal.image", "modal.text", "fused")]
    expected = sum((x[negatives] ** 2).sum() for x in tables)
    torch.testing.assert_close(term(model, encoding, batch._replace(neg_item=negatives)), expected)


def test_views_not_there_yet_or_without_the_rows(model, encoding, batch):
    assert L2("later")(model, encoding, batch).item() == 0
    with pytest.raises(KeyError, match=r"'user_weight' has rows of \['user'\] only"):
        L2("user_weight", rows=["pos_item"])(model, encoding, batch)
    with pytest.raises(KeyError, match="no view matches 'ego'"):
        L2("ego")(model, encoding, batch)


@pytest.mark.parametrize(
    "change", [{"rows": "users"}, {"rows": ["user", "all"]}, {"rows": []}, {"reduction": "median"}, {"weight": -0.1}]
)
def test_settings_that_are_not_known(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        L2("ego", **change)
