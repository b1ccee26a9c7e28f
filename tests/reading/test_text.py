import bz2
import gzip
import lzma

import pytest

from mmgraph.reading import check_text, open_text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_are_named(tmp_path, encoding):
    path = tmp_path / "shop.inter"
    path.write_text("userID\titemID\n0\t0\n", encoding=encoding)
    with pytest.raises(ValueError, match=r"shop\.inter: .*UTF-(16|32).*iconv -f UTF-(16|32)\S* -t UTF-8 shop.inter"):
        check_text(path)


@pytest.mark.parametrize(
    ("pack", "name"), [(gzip.compress, "gzip"), (bz2.compress, "bzip2"), (lambda b: lzma.compress(b), "xz")]
)
def test_packed_files_are_named(tmp_path, pack, name):
    path = tmp_path / "shop.inter"
    path.write_bytes(pack(b"userID"))
    with pytest.raises(ValueError, match=rf"shop\.inter: is compressed \({name}\).*Unpack it: {name} -d shop.inter"):
        check_text(path)


def test_latin_1_is_named_with_its_line(tmp_path):
    path = tmp_path / "items.tsv"
    path.write_bytes("itemID\tname\n0\that\n1\tcaf\u00e9\n".encode("latin-1"))
    told = r"items\.tsv:3: is not UTF-8 text \(byte 0xe9\).*iconv -f WINDOWS-1252"
    with pytest.raises(ValueError, match=told), open_text(path) as file:
        file.read()


def test_a_mark_at_the_beginning_is_no_text(tmp_path):
    path = tmp_path / "shop.inter"
    path.write_text("userID", encoding="utf-8-sig")
    with open_text(path) as file:
        assert file.read() == "userID"


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ValueError, match="must be a text file, found a folder"):
        check_text(tmp_path)
    with pytest.raises(FileNotFoundError, match="absent"):
        check_text(tmp_path / "absent")
