import pytest
import torch
from torch.nn.functional import cosine_similarity

from mmgraph.losses import Bootstrap
from mmgraph.typing import Encoding, Triplets

ROWS = {"user": "user", "pos_item": "item"}


@pytest.mark.parametrize("online_row", ROWS)
@pytest.mark.parametrize("target_row", ROWS)
def test_is_one_minus_the_cosine_of_the_batch_and_teaches_the_online_side_only(
    model, encoding, batch, online_row, target_row
):
    x, y = encoding.views["ego.text"][ROWS[online_row]], encoding.views["neighbors.text"][ROWS[target_row]]
    rows = getattr(batch, online_row), getattr(batch, target_row)
    expected = (1 - cosine_similarity(x[rows[0]], y[rows[1]].detach())).mean()
    term = Bootstrap("ego.text", "neighbors.text", online_row=online_row, target_row=target_row)
    value = term(model, encoding, batch)
    torch.testing.assert_close(value, expected)
    ours, none = torch.autograd.grad(value, [x, y], allow_unused=True)
    torch.testing.assert_close(ours, torch.autograd.grad(expected, x)[0])
    assert none is None


def test_by_hand(model):
    """A user along its item's target: 0; another one at right angles: 1."""
    view = {"user": torch.tensor([[1.0, 0.0], [0.0, 2.0]]), "item": torch.tensor([[3.0, 0.0]])}
    batch = Triplets(torch.tensor([0, 1]), torch.tensor([0, 0]), torch.tensor([0, 0]))
    encoding = Encoding(view["user"], view["item"], {"target": view})
    for weight in (1, 5):  # the term is not weighted by itself
        term = Bootstrap("final", "target", online_row="user", target_row="pos_item", weight=weight)
        assert term(model, encoding, batch) == pytest.approx(0.5)


def test_negatives_play_no_part(model, encoding, batch):
    term = Bootstrap("final", "fused", online_row="user", target_row="pos_item")
    other = batch._replace(neg_item=batch.neg_item.flip(0) + 1)
    assert term(model, encoding, batch) == term(model, encoding, other)


def test_patterns_pair_modalities_or_meet_one_view_and_add_up(model, encoding, batch):
    def value(online, target):
        return Bootstrap(online, target, online_row="pos_item", target_row="pos_item")(model, encoding, batch)

    pairs = [value(f"ego.{name}", f"neighbors.{name}") for name in ("image", "text")]
    torch.testing.assert_close(value("ego.*", "neighbors.*"), sum(pairs))
    torch.testing.assert_close(value("ego.*", "fused"), value("ego.image", "fused") + value("ego.text", "fused"))
    assert value("fused", "later") == 0


def test_what_cannot_be(model, encoding, batch):
    with pytest.raises(ValueError, match="online_row='neg_item' is not known; choose one of 'user', 'pos_item'"):
        Bootstrap("final", "target", online_row="neg_item", target_row="user")
    with pytest.raises(KeyError, match="no view matches 'blurred'"):
        Bootstrap("final", "blurred", online_row="user", target_row="user")(model, encoding, batch)
    with pytest.raises(KeyError, match="view 'fused' has no 'user' rows"):
        Bootstrap("final", "fused", online_row="user", target_row="user")(model, encoding, batch)
