import json

import numpy as np
import pytest

from mmgraph.datasets import MMRecFolder
from mmgraph.datasets.mapped import build


@pytest.fixture
def builds(monkeypatch):
    """Counts how often files are made."""
    made: list = []

    def counted(*args, **options):
        made.append(args[0])
        return build(*args, **options)

    monkeypatch.setattr("mmgraph.datasets.mapped.of_folder.build", counted)
    return made


def files_of(cache):
    (found,) = cache.glob("*.csr")
    return found


def test_files_are_made_once_and_nothing_else_is_left(folder, builds, own_cache):
    first = MMRecFolder(folder, interactions="mapped")
    again = MMRecFolder(folder, interactions="mapped", modalities=["text"])
    assert len(builds) == 1
    assert first.split_hash == again.split_hash
    assert [path.name for path in own_cache.iterdir()] == [files_of(own_cache).name]
    assert {path.suffix for path in files_of(own_cache).iterdir()} == {".npy", ".json"}


def test_another_split_or_file_is_made_anew(folder, builds):
    MMRecFolder(folder, interactions="mapped")
    MMRecFolder(folder, interactions="mapped", split_seed=1)
    with (folder / "toy.inter").open("a") as file:
        file.write("0\t1\t1\t1\n")
    MMRecFolder(folder, interactions="mapped")
    assert len(builds) == 3


def damage(path):
    """Changes the last byte."""
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["user_item.npy", "item_pointer.npy", "val.npy", "interactions.json"])
def test_damaged_files_are_made_anew(folder, builds, own_cache, name):
    expected = MMRecFolder(folder, interactions="mapped")
    damage(files_of(own_cache) / name)
    assert MMRecFolder(folder, interactions="mapped").split_hash == expected.split_hash
    assert len(builds) == 2


def test_numbers_out_of_range_are_not_believed(folder, builds, own_cache):
    MMRecFolder(folder, interactions="mapped")
    files = files_of(own_cache)
    item = np.load(files / "user_item.npy")
    item[0] = 10**6
    np.save(files / "user_item.npy", item)
    described = json.loads((files / "interactions.json").read_text())
    from mmgraph.reading import hash_file

    described["files"]["user_item"] = hash_file(files / "user_item.npy")
    (files / "interactions.json").write_text(json.dumps(described))
    MMRecFolder(folder, interactions="mapped")
    assert len(builds) == 2


def test_without_a_cache_there_is_no_place_for_them(folder, monkeypatch):
    monkeypatch.setattr("mmgraph.datasets.cache.default_cache_dir", lambda: None)
    with pytest.raises(ValueError, match="set cache_dir or MMGRAPH_CACHE"):
        MMRecFolder(folder, interactions="mapped")


def test_a_cache_that_cannot_be_written_is_named(folder, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="could not write"):
        MMRecFolder(folder, interactions="mapped", cache_dir=tmp_path / "file")
