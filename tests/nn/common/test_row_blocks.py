import pytest
import torch
from torch import nn

from mmgraph.nn.common import row_blocks
from mmgraph.nn.common.row_blocks import by_row_blocks
from tests.largest import Largest

BLOCK = 64


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(row_blocks, "BLOCK_ROWS", BLOCK)


@pytest.mark.parametrize("num_rows", [0, 1, BLOCK, BLOCK + 1, 5 * BLOCK - 3])
def test_rows_are_those_of_one_call_in_their_order(num_rows):
    x = torch.arange(2.0 * num_rows).view(-1, 2)
    with torch.no_grad():
        assert torch.equal(by_row_blocks(lambda rows: rows.flip(1) + 1, x), x.flip(1) + 1)


def test_no_call_sees_more_rows_than_a_block_and_none_only_a_few():
    seen = []
    with torch.no_grad():
        by_row_blocks(lambda rows: seen.append(len(rows)) or rows, torch.zeros(5 * BLOCK + 1, 1))
    assert sum(seen) == 5 * BLOCK + 1
    assert max(seen) <= BLOCK
    assert min(seen) > BLOCK / 2


def test_with_gradients_it_is_one_call():
    x, seen = torch.ones(3 * BLOCK, 2, requires_grad=True), []
    by_row_blocks(lambda rows: seen.append(len(rows)) or rows * 2, x).sum().backward()
    assert seen == [3 * BLOCK]
    assert torch.equal(x.grad, torch.full_like(x, 2.0))


def test_what_lies_between_is_no_larger_than_a_block_of_it():
    deep, x = nn.Sequential(nn.Linear(16, 512), nn.LeakyReLU(), nn.Linear(512, 8)), torch.randn(10 * BLOCK, 16)
    known = [x, *deep.parameters()]
    with torch.no_grad(), Largest(known) as blocks:
        by_row_blocks(deep, x)
    with torch.no_grad(), Largest(known) as whole:
        deep(x)
    assert whole.bytes == 4 * 10 * BLOCK * 512
    assert blocks.bytes == 4 * BLOCK * 512, blocks.made_by
