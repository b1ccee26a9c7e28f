import pytest
import torch
from torch.distributed.tensor import Shard

from mmgraph.processes.partition import DividedRows, row_blocks


@pytest.mark.parametrize(("count", "size"), [(10, 4), (9, 3), (1, 1), (7, 2), (5, 4)])
def test_parts_are_those_of_torch_chunk(count, size):
    """By which ``DTensor`` divides a table, and its checkpoints."""
    whole = torch.arange(count)
    chunks, _ = Shard(0)._split_tensor(whole, size, with_padding=False)
    for rank, chunk in enumerate(chunks):
        rows = DividedRows(count, rank, size)
        assert torch.equal(rows.own(whole), chunk)
        assert rows.num_own == chunk.numel()
        assert torch.equal(whole[rows.is_own(whole)], chunk)


@pytest.mark.parametrize("block_rows", [1, 3, 100])
def test_blocks_hold_each_row_once_in_order(block_rows):
    blocks = list(row_blocks(DividedRows(10, 0, 4), block_rows))
    assert torch.equal(torch.cat([torch.arange(start, stop) for _, start, stop in blocks]), torch.arange(10))
    for owner, start, stop in blocks:
        first, behind = DividedRows(10, 0, 4).bounds(owner)
        assert first <= start < stop <= behind
        assert stop - start <= block_rows


def test_own_rows_are_in_memory_of_their_own():
    whole = torch.zeros(4, 2)
    own = DividedRows(4, 1, 2).own(whole)
    assert own.untyped_storage().nbytes() == 2 * 2 * 4
