import shutil
from collections import namedtuple

import pytest

from mmgraph.prepare.room import memory_bytes, new_folder
from tests.prepare.conftest import PAIRS, lines


@pytest.mark.parametrize(("given", "found"), [
    ("4GB", 4 * 10**9), ("4 gb", 4 * 10**9), ("1.5G", 15 * 10**8), ("600MiB", 600 * 2**20), (2**30, 2**30),
    ("2T", 2 * 10**12),
])  # fmt: skip
def test_sizes(given, found):
    assert memory_bytes(given) == found


def test_the_default_is_within_the_machine():
    assert 500 * 10**6 <= memory_bytes(None) <= 4 * 10**9


@pytest.mark.parametrize(
    ("given", "message"),
    [("much", "must be a size, as in 4GB"), ("10MB", "must be at least 500 MB"), (-1, "must be a size")],
)
def test_what_is_no_size(given, message):
    with pytest.raises(ValueError, match=message):
        memory_bytes(given)


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    with pytest.raises(FileNotFoundError), new_folder(tmp_path / "a" / "out") as work:
        (work.scratch / "nothing").rename(work.folder / "half")
    assert list((tmp_path / "a").iterdir()) == []
    with new_folder(tmp_path / "a" / "out") as work:
        (work.folder / "whole").touch()
        (work.scratch / "more").touch()
    assert [path.name for path in (tmp_path / "a").rglob("*")] == ["out", "whole"]
    with pytest.raises(FileExistsError, match="is there already"), new_folder(tmp_path / "a" / "out"):
        pass


def test_too_little_disk_is_told_before_anything_is_read(prepare, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(0, 0, 300))
    with pytest.raises(
        OSError, match=r"this needs about 0.0 MB of disk in .*make room, or choose out= on another disk"
    ):
        prepare({"a.csv": lines(PAIRS)})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv"]


def test_memory_that_does_not_suffice_is_a_sentence(tmp_path):
    from mmgraph.prepare.engine import Engine

    with (
        Engine(tmp_path, memory=500 * 10**6, threads=1) as engine,
        pytest.raises(ValueError, match="memory: is too little"),
    ):
        engine.rows("SELECT list(range) FROM range(100000000)")


def test_what_a_killed_process_left_is_removed_and_what_another_fills_is_not(tmp_path):
    out = tmp_path / "out"
    left = tmp_path / f".out.{'0' * 32}.tmp"
    (left / "scratch").mkdir(parents=True)
    (left / ".lock").touch()
    with new_folder(out) as theirs:
        assert not left.exists()
        with new_folder(out) as ours:
            (ours.folder / "mine").touch()
            assert theirs.folder.is_dir()
            ours.folder.joinpath("mine").unlink()
        out.rmdir()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
