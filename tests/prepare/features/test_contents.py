import pytest

from mmgraph.prepare.features.contents import Files, Texts
from mmgraph.prepare.features.items import ItemTable
from mmgraph.prepare.features.sources import file_source


def read(path):
    text = path.read_text()
    if text == "broken":
        raise ValueError(f"{path}: cannot be read")
    return text


@pytest.fixture
def folder(tmp_path):
    for name, text in {"a": "A", "b": "broken", "c": "C"}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_files_that_are_not_there_count_as_missing(folder):
    files = Files(["a", "", "nowhere", "c"], folder, read, bad="error")
    assert files.names == ["a", "", "", "c"]
    assert files.absent == ["nowhere"]
    assert list(files.load_all()) == ["A", "C"]


def test_a_file_that_cannot_be_read_is_named_with_its_item_or_skipped(folder):
    with pytest.raises(ValueError, match=r"item 1: .*b: cannot be read. Mend it .*bad_images=skip"):
        list(Files(["a", "b"], folder, read, bad="error").load_all())
    assert list(Files(["a", "b"], folder, read, bad="skip").load_all()) == ["A"]


@pytest.mark.parametrize("name", ["../a", "/etc/hostname", "x/../../a"])
def test_no_name_leads_out_of_the_folder(folder, name):
    with pytest.raises(ValueError, match="leads out of"):
        Files([name], folder, read, bad="error")


def test_no_file_at_all(folder):
    table = ItemTable(folder / "items.tsv", {"image": ["x", "y", ""]}, 3)
    with pytest.raises(ValueError, match=r"none of its 2 names is a file in .*, as 'x' should be"):
        file_source(table, "image", folder)
    with pytest.raises(ValueError, match="names no file at all"):
        Files(["", ""], folder, read, bad="error")


def test_digests_tell_contents_apart(folder):
    assert Texts(["ab", "c"]).digest != Texts(["a", "bc"]).digest
    assert Texts(["a", ""]).digest != Texts(["", "a"]).digest
    before = Files(["a", "c"], folder, read, bad="error").digest
    assert before == Files(["a", "c"], folder, read, bad="skip").digest
    (folder / "a").write_text("AA")
    assert before != Files(["a", "c"], folder, read, bad="error").digest
