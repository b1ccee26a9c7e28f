import errno
import os
import pickle
from pathlib import Path

import pytest
import torch

from mmgraph.datasets import cache


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("unpickled",))


CONTENT = {"data": {"item": {"x": torch.arange(3000.0)}, ("a", "b"): {"n": 3}}, "hash": "abc"}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "deep" / "kept.pt"
    cache.save(path, CONTENT)
    return path


def test_what_was_saved_is_loaded(path):
    loaded = cache.load(path, max_bytes=10**6)
    assert torch.equal(loaded["data"]["item"]["x"], CONTENT["data"]["item"]["x"])
    assert loaded["data"]["a", "b"] == {"n": 3}
    assert os.listdir(path.parent) == ["kept.pt"]
    assert cache.load(path.with_name("absent.pt"), max_bytes=10**6) is None


def test_any_damage_is_noticed(path):
    whole = path.read_bytes()
    for place in [*range(0, len(whole), 997), len(whole) - 1]:
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        assert cache.load(path, max_bytes=10**6) is None
        path.write_bytes(whole[:place])
        assert cache.load(path, max_bytes=10**6) is None


def test_a_foreign_pickle_is_not_run(path):
    payload = pickle.dumps(Bomb(), protocol=2)
    path.write_bytes(cache.hashlib.sha256(payload).digest() + payload)
    assert cache.load(path, max_bytes=10**6) is None


def test_a_full_disk_is_a_warning_and_leaves_nothing_behind(path, monkeypatch):
    before = path.read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.warns(UserWarning, match="going on without a cache: .*No space left"):
        cache.save(path, {"other": 1})
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["kept.pt"]


def test_without_a_home_folder_there_is_no_cache(monkeypatch):
    def homeless(path):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("MMGRAPH_CACHE")
    monkeypatch.setattr(Path, "expanduser", homeless)
    with pytest.warns(UserWarning, match="going on without a cache: .* MMGRAPH_CACHE"):
        assert cache.default_cache_dir() is None


def test_the_key_follows_content_names_options_and_code(tmp_path, monkeypatch):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"abc")
    two.write_bytes(b"abc")
    key = cache.content_key([one], {"k": 1})
    assert cache.content_key([one], {"k": 1}) == key
    others = [cache.content_key(files, options) for files, options in (([two], {"k": 1}), ([one, two], {"k": 1}))]
    others += [cache.content_key([one], {"k": 2}), cache.content_key([one], {})]
    one.write_bytes(b"abd")
    others.append(cache.content_key([one], {"k": 1}))
    one.write_bytes(b"abc")
    monkeypatch.setattr(cache, "__file__", str(one))
    others.append(cache.content_key([one], {"k": 1}))
    assert len({key, *others}) == 7
