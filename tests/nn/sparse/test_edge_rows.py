import numpy as np
import pytest
import torch

from mmgraph.nn import EdgeRows, mapped_tensor


@pytest.fixture
def rows():
    """Twenty targets, some of which nothing leads to."""
    generator = torch.Generator().manual_seed(0)
    dense = torch.rand(20, 15, generator=generator) < torch.rand(20, 1, generator=generator) ** 2
    dense[[0, 7, 19]] = False
    pointer = torch.cat([torch.zeros(1, dtype=torch.long), dense.sum(1).cumsum(0)])
    return dense, EdgeRows(pointer, dense.nonzero()[:, 1].int())


def test_it_knows_which_pairs_are_edges(rows):
    dense, found = rows
    target, source = torch.cartesian_prod(torch.arange(20), torch.arange(15)).T
    assert torch.equal(found.contain(target, source), dense[target, source])
    assert found.contain(target[:0], source[:0]).numel() == 0


def test_blocks_of_any_size_are_all_edges(rows):
    dense, found = rows
    for size in (1, 4, 1000):
        assert torch.equal(torch.cat([torch.stack(pair, 1) for pair in found.blocks(size)]), dense.nonzero())


def test_a_map_is_read_without_being_copied_or_warned_of(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(5, dtype=np.int32))
    array = np.load(tmp_path / "x.npy", mmap_mode="r")
    found = mapped_tensor(array)
    assert found.data_ptr() == array.ctypes.data
    assert EdgeRows(torch.tensor([0, 5]), found).to("cpu").source.data_ptr() == array.ctypes.data
