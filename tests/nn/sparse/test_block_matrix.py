import pytest
import torch

from mmgraph.nn.sparse import block_matrix
from mmgraph.nn.sparse.block_matrix import BlockMatrix
from mmgraph.processes.partition import DividedRows, received_rows, row_blocks

ROWS, COLUMNS, ENTRIES = 7, 11, 40


@pytest.fixture
def entries():
    generator = torch.Generator().manual_seed(0)
    chosen = torch.randperm(ROWS * COLUMNS, generator=generator)[:ENTRIES]
    return chosen // COLUMNS, chosen % COLUMNS, torch.rand(ENTRIES, generator=generator)


@pytest.mark.parametrize("block_rows", [1, 4, 100])
@pytest.mark.parametrize("onto", [False, True])
def test_a_product_by_blocks_is_the_whole_product(entries, block_rows, onto, monkeypatch):
    def in_blocks(function):
        return lambda *arguments: function(*arguments, block_rows)

    monkeypatch.setattr(block_matrix, "row_blocks", in_blocks(row_blocks))
    monkeypatch.setattr(block_matrix, "received_rows", in_blocks(received_rows))
    row, col, weight = entries
    matrix = BlockMatrix.of(row, col, weight, ROWS, DividedRows(COLUMNS, 0, 1))
    assert len(matrix.parts) == -(-COLUMNS // block_rows)
    dense = torch.zeros(ROWS, COLUMNS).index_put((row, col), weight)
    x = torch.randn(COLUMNS, 3)
    added = torch.randn(ROWS, 3) if onto else None
    expected = 0.5 * (dense @ x + (0 if added is None else added))
    torch.testing.assert_close(matrix.multiply(x, scale=0.5, onto=added, out=None), expected)
    if added is not None:
        assert matrix.multiply(x, scale=0.5, onto=added, out=added) is added
        torch.testing.assert_close(added, expected)


def test_columns_of_several_processes_lie_in_blocks_of_one_each(entries):
    matrix = BlockMatrix.of(*entries, ROWS, DividedRows(COLUMNS, 1, 3))
    assert [tuple(part.shape) for part in matrix.parts] == [(ROWS, 4), (ROWS, 4), (ROWS, 3)]
    dense = torch.cat([part.to_dense() for part in matrix.parts], dim=1)
    row, col, weight = entries
    torch.testing.assert_close(dense, torch.zeros(ROWS, COLUMNS).index_put((row, col), weight))
