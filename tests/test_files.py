import errno
import os
import resource
import signal
import subprocess
import sys
import threading
from contextlib import nullcontext

import pytest

from mmgraph.files import atomic_write, put_in_place, remove_unfinished, signals_held


def test_replaces_the_whole_file(tmp_path):
    path = tmp_path / "new" / "a.txt"
    for text in ("one", "two"):
        with atomic_write(path) as file:
            file.write(text)
    assert path.read_text() == "two"
    assert os.listdir(path.parent) == ["a.txt"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), ValueError()])
def test_an_error_half_way_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write_half():
        with atomic_write(path) as file:
            file.write("half")
            raise error

    with pytest.raises(type(error)) as caught:
        write_half()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]
    if isinstance(error, OSError):
        assert caught.value.errno == errno.ENOSPC
        assert str(path) in str(caught.value)
        assert "untouched" in str(caught.value)


def test_files_are_as_open_as_the_user_wants(tmp_path):
    with atomic_write(tmp_path / "a.txt") as file:
        file.write("")
    (tmp_path / "b.txt").write_text("")
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "b.txt").stat().st_mode


def test_what_a_killed_writer_left_can_be_removed(tmp_path):
    code = f"""
import os, pathlib, signal
from mmgraph.files import atomic_write, remove_unfinished
with atomic_write(pathlib.Path({str(tmp_path / "a.txt")!r})) as file:
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code])
    assert len(os.listdir(tmp_path)) == 1
    others = [".precious.tmp", f".a.txt.{'0' * 31}g.tmp", f"a.txt.{'0' * 32}.tmp"]
    for name in others:
        (tmp_path / name).write_text("the user's")
    remove_unfinished(tmp_path)
    assert sorted(os.listdir(tmp_path)) == sorted(others)


def test_a_real_limit_on_the_file_size(tmp_path):
    """The operating system itself refuses to write on, as a full disk would."""
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    code = f"""
import pathlib, resource, signal
from mmgraph.files import atomic_write, remove_unfinished
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
with atomic_write(pathlib.Path({str(path)!r}), "wb") as file:
    file.write(b"x" * 100_000)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 1
    assert f"could not write {path}" in run.stderr
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 4096


def make_folder(path, *, fails=False):
    with put_in_place(path) as part:
        (part / "inner").mkdir(parents=True)
        if fails:
            raise ValueError("stop")


def test_a_folder_is_put_in_place_whole(tmp_path):
    with pytest.raises(ValueError, match="stop"):
        make_folder(tmp_path / "new", fails=True)
    assert os.listdir(tmp_path) == []
    make_folder(tmp_path / "deep" / "new")
    assert os.listdir(tmp_path / "deep") == ["new"]
    with pytest.raises(OSError, match=r"could not write .*deep/new \(Directory not empty\)"):
        make_folder(tmp_path / "deep" / "new")
    assert os.listdir(tmp_path / "deep" / "new") == ["inner"]


def test_an_unfinished_folder_is_removed(tmp_path):
    unfinished = tmp_path / f".new.{'0' * 32}.tmp"
    (unfinished / "inner").mkdir(parents=True)
    (tmp_path / f".link.{'0' * 32}.tmp").symlink_to(tmp_path.parent)
    remove_unfinished(tmp_path)
    assert os.listdir(tmp_path) == []
    assert tmp_path.parent.is_dir()


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="could not write"), atomic_write(tmp_path / "file" / "a.txt"):
        pass


@pytest.mark.parametrize("held", [signals_held, None])
def test_signals_wait_until_a_file_is_written(tmp_path, held):
    path, told = tmp_path / "a.txt", []
    before = signal.signal(signal.SIGTERM, lambda *_: told.append(path.exists()))
    try:
        with held() if held else nullcontext(), atomic_write(path) as file:
            os.kill(os.getpid(), signal.SIGTERM)
            file.write("whole")
            assert told == []
    finally:
        signal.signal(signal.SIGTERM, before)
    assert told == [True]
    assert path.read_text() == "whole"


def test_a_thread_that_gets_no_signals_writes_too(tmp_path):
    def write():
        with atomic_write(tmp_path / "a.txt") as file:
            file.write("whole")

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert (tmp_path / "a.txt").read_text() == "whole"
