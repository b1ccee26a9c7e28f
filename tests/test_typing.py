"""Views whose vectors are made when they are read."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from mmgraph.typing import RowwiseView

ROWS = st.lists(st.integers(0, 5), min_size=1, max_size=12)


def table():
    return torch.randn(6, 4, generator=torch.Generator().manual_seed(0)).requires_grad_()


@given(ROWS)
def test_rows_and_their_gradients_are_those_of_the_whole(chosen):
    layer = nn.Linear(4, 3)
    rows = torch.tensor(chosen)
    read, whole = table(), table()
    found = RowwiseView(layer, {"item": read}).rows("item", rows)
    expected = layer(whole)[rows]
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)
    weights = torch.randn(found.shape)
    (of_read,) = torch.autograd.grad((found * weights).sum(), read)
    (of_whole,) = torch.autograd.grad((expected * weights).sum(), whole)
    torch.testing.assert_close(of_read, of_whole, rtol=0, atol=1e-5)


def test_only_what_is_read_is_made_and_that_once():
    seen = []

    def make(x):
        seen.append(x.size(0))
        return 2 * x

    view = RowwiseView(make, {"user": torch.ones(9, 1), "item": torch.ones(6, 1)})
    rows = torch.tensor([4, 0, 4])
    first = view.rows("item", rows)
    assert torch.equal(first, view.rows("item", rows))
    assert seen == [2]
    assert view["user"].shape == view["user"].shape == (9, 1)
    assert seen == [2, 9]


def test_what_is_drawn_for_a_node_is_the_same_wherever_it_is_read():
    drawn = RowwiseView(lambda x: x + torch.rand_like(x), {"item": torch.zeros(6, 4)})
    one, other = (RowwiseView(make, drawn) for make in (torch.neg, lambda x: 2 * x))
    rows = torch.tensor([5, 1, 5, 1])
    assert torch.equal(-2 * one.rows("item", rows), other.rows("item", rows))
    assert torch.equal(one.rows("item", rows)[0], one.rows("item", rows)[2])


def test_sides_may_be_made_apart():
    tables = {"user": torch.ones(2, 1), "item": torch.ones(3, 1)}
    view = RowwiseView({"user": torch.neg, "item": lambda x: 2 * x}, tables)
    assert view["user"].flatten().tolist() == [-1, -1]
    assert view.rows("item", torch.tensor([2, 0])).flatten().tolist() == [2, 2]


def test_it_is_a_mapping_of_its_sides():
    view = RowwiseView(torch.neg, {"item": torch.eye(2)})
    assert list(view) == ["item"]
    assert "user" not in view
    with pytest.raises(KeyError, match="user"):
        view["user"]
