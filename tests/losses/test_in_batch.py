import pytest
import torch
from torch.nn import functional as F

from mmgraph.losses import InBatchNCE


@pytest.mark.parametrize("normalize", [True, False])
def test_users_find_their_items_among_the_batchs(model, encoding, batch, normalize):
    """Cross-entropy over the positives as they occur, repeats included; gradients too."""
    term = InBatchNCE("final", "final", anchor_row="user", positive_row="pos_item", tau=0.3, normalize=normalize)
    x, y = encoding.user[batch.user], encoding.item[batch.pos_item]
    if normalize:
        x, y = F.normalize(x, dim=-1), F.normalize(y, dim=-1)
    expected, value = F.cross_entropy(x @ y.T / 0.3, torch.arange(4)), term(model, encoding, batch)
    torch.testing.assert_close(value, expected)
    leaves = (encoding.user, encoding.item)
    torch.testing.assert_close(torch.autograd.grad(value, leaves), torch.autograd.grad(expected, leaves))


def test_an_item_that_is_there_twice_counts_twice(model, encoding, batch):
    """Where both ends are the same node: once computed, counted as often as it occurs; gradients too."""
    term = InBatchNCE("ego.text", "neighbors.text", anchor_row="pos_item", positive_row="pos_item", tau=0.3)
    tables = [encoding.views[name]["item"] for name in ("ego.text", "neighbors.text")]
    assert len(batch.pos_item.unique()) < len(batch.pos_item)
    x, y = (F.normalize(table[batch.pos_item], dim=-1) for table in tables)
    expected, value = F.cross_entropy(x @ y.T / 0.3, torch.arange(4)), term(model, encoding, batch)
    torch.testing.assert_close(value, expected)
    torch.testing.assert_close(torch.autograd.grad(value, tables), torch.autograd.grad(expected, tables))


def test_patterns_pair_by_modality_and_equal_ones_each_view_with_itself(model, encoding, batch):
    def term(*names, **rows):
        return InBatchNCE(*names, tau=0.3, **rows)(model, encoding, batch)

    rows = {"anchor_row": "pos_item", "positive_row": "pos_item"}
    apart = [term(f"ego.{name}", f"neighbors.{name}", **rows) for name in ("image", "text")]
    torch.testing.assert_close(term("ego.*", "neighbors.*", **rows), sum(apart))
    rows = {"anchor_row": "user", "positive_row": "pos_item"}
    apart = [term(f"ego.{name}", f"ego.{name}", **rows) for name in ("image", "text")]
    torch.testing.assert_close(term("ego.*", "ego.*", **rows), sum(apart))
    assert term("later", "final", **rows) == 0


@pytest.mark.parametrize("negatives", [[0, 1, 3, 3], [[0, 4], [1, 1], [3, 2], [3, 6]]])
def test_swapped_parts_make_further_candidates(model, encoding, batch, negatives):
    """Users among the batch's items and among these with the negatives' part in place of their own."""
    batch, part = batch._replace(neg_item=torch.tensor(negatives)), encoding.views["modal.text"]["item"]
    term = InBatchNCE("final", "final", anchor_row="user", positive_row="pos_item", tau=0.3, swap="modal.text")
    hard = [
        encoding.item[i] - part[i] + part[j]
        for i, others in zip(batch.pos_item, batch.neg_item.view(4, -1), strict=True)
        for j in others
    ]
    x = F.normalize(encoding.user[batch.user], dim=-1)
    y = F.normalize(torch.cat([encoding.item[batch.pos_item], torch.stack(hard)]), dim=-1)
    torch.testing.assert_close(term(model, encoding, batch), F.cross_entropy(x @ y.T / 0.3, torch.arange(4)))
    with pytest.raises(ValueError, match=r"swap='modal\.text' takes a part of the positive items"):
        InBatchNCE("final", "final", anchor_row="pos_item", positive_row="user", tau=0.3, swap="modal.text")


def test_what_is_not_there_is_an_error(model, encoding, batch):
    with pytest.raises(KeyError, match="no view matches 'coarse"):
        InBatchNCE("coarse.*", "fine.*", anchor_row="user", positive_row="user", tau=1)(model, encoding, batch)
    with pytest.raises(KeyError, match="'fused' has no 'user' rows"):
        InBatchNCE("fused", "final", anchor_row="user", positive_row="pos_item", tau=1)(model, encoding, batch)
    with pytest.raises(ValueError, match="anchor_row='neg_item' is not known"):
        InBatchNCE("final", "final", anchor_row="neg_item", positive_row="user", tau=1)
    with pytest.raises(ValueError, match="tau=0 must be above 0"):
        InBatchNCE("final", "final", anchor_row="user", positive_row="pos_item", tau=0)
