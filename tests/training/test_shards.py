"""Processes that divide the rows of the parameters learn what one learns, each in its share of the memory."""

import shutil
from pathlib import Path

import pytest
import torch

from mmgraph.training import CHECKPOINT, read_checkpoint
from tests.training.launched import found_by
from tests.training.sharded_processes import EPOCHS, SETTINGS, outcome

FALLING = {"a contrast that is divided, clipped": "align"}  # at the ranking's expense


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("shards")


@pytest.fixture(scope="module")
def two(folder):
    """What each of two processes found; the run ``cut off`` has half of its epochs."""
    return found_by("tests.training.sharded_processes", 2, folder, "train")


@pytest.fixture(scope="module")
def alone():
    """One process's LightGCN, all epochs of it."""
    return outcome("lightgcn")


@pytest.fixture(scope="module")
def four(folder, two):
    """Four processes go on with the run that two began, and with one that a process alone began."""
    shutil.copytree(folder / "cut off", folder / "of two")
    outcome("lightgcn", epochs=2, run_dir=folder / "of one")
    return found_by("tests.training.sharded_processes", 4, folder, "go_on", "of two", "of one")


def equal(found, alone, *, epochs=EPOCHS):
    assert len(found["history"]) == epochs
    for row, other in zip(found["history"], alone["history"], strict=True):
        assert row == pytest.approx(other, rel=1e-5)


@pytest.mark.parametrize("name", SETTINGS)
def test_losses_are_those_of_one_process_and_fall(name, two, alone):
    expected = alone if name == "lightgcn" else outcome(*SETTINGS[name], shard=False)
    for found in two:
        equal(found[name], expected)
    falls = two[0][name]["history"]
    assert falls[-1][f"loss/{FALLING.get(name, 'bpr')}"] < falls[0][f"loss/{FALLING.get(name, 'bpr')}"]
    both = zip(two[0][name]["weights"].values(), two[1][name]["weights"].values(), strict=True)
    assert all(torch.equal(a, b) for a, b in both)


def test_each_process_holds_its_share_between_steps(two, four, alone):
    whole = alone["bytes"][0]
    assert whole == 4 * 4 * 64 * (61 + 51)  # parameters, gradients, two moments
    for processes, name in ((two, "lightgcn"), (four, "of two")):
        for found in processes:
            assert max(found[name]["bytes"]) <= whole / len(processes) * 1.1


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")
def test_nothing_works_for_the_group_once_it_is_given_up(two, four):
    assert [found["threads"] for found in [*two, *four]] == [[]] * 6


def test_any_number_of_processes_goes_on_with_a_run(folder, two, four, alone):
    shutil.copytree(folder / "cut off", folder / "alone")
    assert two[0]["cut off"]["history"] == two[0]["lightgcn"]["history"][:2]
    equal(outcome("lightgcn", run_dir=folder / "alone"), alone)
    for found in four:
        equal(found["of two"], alone)
        equal(found["of one"], alone)


def test_one_folder_of_shards_is_left_or_none(folder, two, four):
    def shards(name):
        return [path.name for path in (folder / name).glob("shards*")]

    assert shards("cut off") == ["shards-2"]
    assert shards("of two") == shards("of one") == [f"shards-{EPOCHS}"]
    goes_on = folder / "removed"
    shutil.copytree(folder / "cut off", goes_on)
    outcome("lightgcn", run_dir=goes_on)
    assert not list(goes_on.glob("shards*"))


def test_a_checkpoint_opens_whole_in_one_process(folder, two):
    """Nothing of it is a pickle but the file that torch reads with ``weights_only``."""
    saved = read_checkpoint(folder / "cut off" / CHECKPOINT)
    assert {name: tuple(x.shape) for name, x in saved["model"].items()} == {
        "user_table": (61, 64),
        "item_table": (51, 64),
    }
    assert {path.suffix for path in (folder / "cut off" / "shards-2").iterdir()} == {".safetensors"}
    state = saved["state"]
    assert all(torch.equal(two[0]["cut off"]["weights"][name], x) for name, x in state["best_weights"].items())


@pytest.fixture
def copied(folder, two, tmp_path):
    shutil.copytree(folder / "cut off", tmp_path / "run")
    return tmp_path / "run"


def refused(run_dir, match):
    with pytest.raises(ValueError, match=match):
        read_checkpoint(run_dir / CHECKPOINT)


def test_rows_that_are_missing_are_refused(copied):
    next((copied / "shards-2").iterdir()).unlink()
    refused(copied, r"rows of the tensor .* are missing|is not there")


def test_a_file_that_is_cut_off_is_refused(copied):
    with next((copied / "shards-2").iterdir()).open("rb+") as file:
        file.truncate(2000)
    refused(copied, "damaged")


def test_a_folder_that_is_not_there_or_elsewhere_is_refused(copied, tmp_path):
    content = torch.load(copied / CHECKPOINT, weights_only=True)
    (copied / "shards-2").rename(tmp_path / "shards-2")
    refused(copied, "'shards-2' of its tensors is not there")
    torch.save(content | {"shards": "../shards-2"}, copied / CHECKPOINT)
    refused(copied, "of its tensors is not there")


def test_no_room_is_made_for_more_than_is_there(copied):
    content = torch.load(copied / CHECKPOINT, weights_only=True)
    content["model"]["user_table"] = torch.empty(10**12, 64, device="meta")
    torch.save(content, copied / CHECKPOINT)
    refused(copied, "model/user_table is not there, or of another shape")
