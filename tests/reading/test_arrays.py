import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmgraph.reading import FLOATS, arrays, open_array, read_matrix


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["<f2", ">f4", "<f8", "<i4", "u1"])
def test_blocks_join_to_the_whole(tmp_path, monkeypatch, dtype, order):
    monkeypatch.setattr(arrays, "BLOCK_BYTES", 64)
    x = np.arange(35).reshape(7, 5).astype(dtype)
    np.save(tmp_path / "x.npy", np.asarray(x, order=order))
    read = read_matrix(tmp_path / "x.npy")
    assert read.dtype == np.float32
    assert read.flags.c_contiguous
    np.testing.assert_array_equal(read, x.astype(np.float32))


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_reading_holds_the_result_and_a_block(tmp_path, dtype):
    np.save(tmp_path / "x.npy", np.ones((4096, 1024), dtype=dtype))
    tracemalloc.start()
    try:
        x = read_matrix(tmp_path / "x.npy")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert x.nbytes == 2**24
    assert peak < x.nbytes + 3 * arrays.BLOCK_BYTES


def test_a_header_that_claims_more_than_there_is(tmp_path):
    with (tmp_path / "x.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (10**9, 10**9)})
    with pytest.raises(ValueError, match=r"x\.npy: cannot be read as a plain \.npy array"):
        open_array(tmp_path / "x.npy")


@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, 127), byte=st.integers(0, 255))
def test_a_damaged_header_is_a_sentence(tmp_path_factory, place, byte):
    path = tmp_path_factory.mktemp("damaged") / "x.npy"
    np.save(path, np.ones((4, 2)))
    content = bytearray(path.read_bytes())
    content[place] = byte
    path.write_bytes(content)
    try:
        assert read_matrix(path).size <= 64
    except ValueError as error:
        if not str(error).startswith(f"{path}: "):
            raise


def test_only_floats_where_asked(tmp_path):
    np.save(tmp_path / "x.npy", np.ones((2, 2), dtype=int))
    with pytest.raises(ValueError, match="must be a matrix of floats, found int64"):
        read_matrix(tmp_path / "x.npy", kinds=FLOATS)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ValueError, match=r"must be a .npy file, found a folder"):
        open_array(tmp_path)
    with pytest.raises(FileNotFoundError, match="absent"):
        open_array(tmp_path / "absent.npy")
