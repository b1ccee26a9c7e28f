import numpy as np
import pytest
import torch

from mmgraph.reading import expect_all, expect_rows, mapped, mapped_tensor


class File:
    """What a memory map is asked."""

    def __init__(self):
        self.advice = []

    def madvise(self, advice):
        self.advice.append(advice)


@pytest.fixture
def advised(tmp_path, monkeypatch):
    np.save(tmp_path / "x.npy", np.ones((3, 2), dtype=np.float16))
    array = np.load(tmp_path / "x.npy", mmap_mode="c")
    x = mapped_tensor(array)
    file = File()
    monkeypatch.setitem(mapped._files, x, file)
    return x, file


def test_the_system_is_told_in_which_order_rows_are_read(advised):
    mmap = pytest.importorskip("mmap")
    if not hasattr(mmap, "MADV_RANDOM"):
        pytest.skip("this system takes no advice")
    x, file = advised
    expect_rows(x)
    expect_all(x)
    assert file.advice == [mmap.MADV_RANDOM, mmap.MADV_NORMAL]


def test_a_map_takes_the_advice(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(6, dtype=np.float32).reshape(3, 2))
    x = mapped_tensor(np.load(tmp_path / "x.npy", mmap_mode="c"))
    expect_rows(x)
    assert x.index_select(0, torch.tensor([2])).tolist() == [[4.0, 5.0]]
    expect_all(x)
    assert x.sum() == 15


def test_memory_needs_no_advice():
    x = mapped_tensor(np.ones(2))
    expect_rows(x)
    expect_all(x)
    assert x.tolist() == [1, 1]
