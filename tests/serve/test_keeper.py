import asyncio
import os
from types import SimpleNamespace

import pytest

from mmgraph.files import atomic_write
from mmgraph.serve.keeper import Keeper, run_folder
from mmgraph.serve.metrics import Metrics


def write(pointer, text):
    with atomic_write(pointer) as file:
        file.write(text)


def load(folder):
    """What is served of a folder: its name; a folder that says so is broken."""
    if (folder / "broken").exists():
        raise ValueError("it is broken")
    return SimpleNamespace(name=folder.name)


@pytest.fixture
def pointer(tmp_path):
    for name in ("monday", "tuesday", "broken"):
        (tmp_path / name).mkdir()
    (tmp_path / "broken" / "broken").touch()
    write(tmp_path / "newest", "monday\n")
    return tmp_path / "newest"


async def changed(keeper, name):
    """Waits until the keeper serves the folder of this name."""
    for _ in range(500):
        if keeper.current.name == name:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{keeper.current.name} is served, not {name}")


def watched(keeper, steps):
    """Runs steps while the keeper watches."""

    async def run():
        task = asyncio.create_task(keeper.watch(0.01))
        await steps()
        task.cancel()

    asyncio.run(run())


def test_a_newer_run_takes_its_place_and_a_broken_one_does_not(pointer, caplog):
    metrics = Metrics()
    keeper = Keeper(pointer, load, metrics)
    keeper.change()

    async def steps():
        assert keeper.current.name == "monday"
        write(pointer, str(pointer.parent / "tuesday"))
        await changed(keeper, "tuesday")
        write(pointer, "broken")
        await failed(1)
        write(pointer, "nowhere")
        await failed(2)
        pointer.unlink()
        await failed(3)
        assert keeper.current.name == "tuesday"
        write(pointer, "monday")
        await changed(keeper, "monday")

    async def failed(count):
        for _ in range(500):
            if f'outcome="failed"}} {count}.0' in metrics.text().decode():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"there are no {count} failures")

    watched(keeper, steps)
    assert 'outcome="done"} 3.0' in metrics.text().decode()
    assert f"could not load what {pointer} names: it is broken; tuesday is served on" in caplog.text


def test_a_pointer_that_is_touched_loads_again(pointer):
    keeper = Keeper(pointer, load, Metrics())
    keeper.change()
    first = keeper.current

    async def steps():
        os.utime(pointer, ns=(1, 1))
        for _ in range(500):
            if keeper.current is not first:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("nothing was loaded")

    watched(keeper, steps)


def test_a_change_before_the_watch_begins_is_seen(pointer):
    keeper = Keeper(pointer, load, Metrics())
    keeper.change()
    write(pointer, "tuesday")
    watched(keeper, lambda: changed(keeper, "tuesday"))


def test_a_folder_is_served_as_it_is(tmp_path):
    keeper = Keeper(tmp_path, load, Metrics())
    keeper.change()
    first = keeper.current

    async def steps():
        (tmp_path / "new").touch()
        await asyncio.sleep(0.05)

    watched(keeper, steps)
    assert keeper.current is first


@pytest.mark.parametrize("text", ["", "\n", "a\nb\n", " "])
def test_a_pointer_file_holds_one_line(tmp_path, text):
    write(tmp_path / "newest", text)
    with pytest.raises(ValueError, match="a pointer file holds one line"):
        run_folder(tmp_path / "newest")


def test_a_pointer_file_is_text(tmp_path):
    (tmp_path / "newest").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="a pointer file holds one line"):
        run_folder(tmp_path / "newest")


def test_paths_are_from_the_pointer_file_s_folder(pointer, monkeypatch):
    monkeypatch.chdir("/")
    assert run_folder(pointer) == pointer.parent / "monday"


def test_what_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such run folder, nor a pointer file"):
        run_folder(tmp_path / "nowhere")
    write(tmp_path / "newest", "nowhere")
    with pytest.raises(FileNotFoundError, match=r"it names .*nowhere, which is no folder"):
        run_folder(tmp_path / "newest")
