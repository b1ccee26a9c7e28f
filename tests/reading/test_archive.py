import zipfile

import numpy as np
import pytest

from mmgraph.reading import read_archive

ARRAYS = {"a": np.arange(6).reshape(2, 3), "b.c": np.array([], dtype=np.float32), "d": np.frombuffer(b"xyz", np.uint8)}


def test_arrays_come_back_and_can_be_written_to(tmp_path):
    np.savez(tmp_path / "x.npz", **ARRAYS)
    found = read_archive(tmp_path / "x.npz")
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array, strict=True)
        assert found[name].flags.writeable


def test_what_unpacks_to_any_size_is_refused(tmp_path):
    np.savez_compressed(tmp_path / "x.npz", **ARRAYS)
    with pytest.raises(ValueError, match=r"x.npz: cannot be read as arrays: it is compressed"):
        read_archive(tmp_path / "x.npz")


def test_objects_and_headers_that_claim_too_much_are_refused(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="a header does not fit"):
        read_archive(tmp_path / "x.npz")
    np.save(tmp_path / "a.npy", np.zeros(3))
    whole = (tmp_path / "a.npy").read_bytes()
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("a.npy", whole.replace(b"(3,)", b"(9,)"))
    with pytest.raises(ValueError, match="a header does not fit"):
        read_archive(tmp_path / "x.npz")


@pytest.mark.parametrize("place", [60, 200, -5])
def test_a_changed_byte_is_noticed(tmp_path, place):
    np.savez(tmp_path / "x.npz", a=np.zeros(30))
    content = bytearray((tmp_path / "x.npz").read_bytes())
    content[place] ^= 255
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"x.npz: cannot be read as arrays"):
        read_archive(tmp_path / "x.npz")


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_archive(tmp_path / "x.npz")
