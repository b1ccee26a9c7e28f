import io
import os
import time
import zipfile

import numpy as np
import pytest
import torch

from mmgraph.datasets import MMRecFolder, cache, kept
from mmgraph.datasets.base import hetero_data, split_hash
from mmgraph.datasets.interactions import Interactions
from mmgraph.datasets.kept import Labelled, load_labelled, save_labelled

TABLE = Interactions(
    np.array([0, 0, 1]), np.array([0, 2, 1]), 2, 3, weight=np.array([2.0, 1.0, 5.0]), raw_user=np.array([4, 9])
)
BOUNDS = {"file_bytes": 1000, "num_rows": 3}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / f"shop-{'0' * 32}.pt"
    save_labelled(path, Labelled(TABLE, np.array([0, 1, 2]), 0))
    return path


def test_what_was_kept_comes_back(path):
    table, labels, first_row = load_labelled(path, **BOUNDS)
    for name in ("user", "item", "weight", "raw_user"):
        np.testing.assert_array_equal(getattr(table, name), getattr(TABLE, name))
    assert (table.num_users, table.num_items, table.raw_item, labels.tolist(), first_row) == (2, 3, None, [0, 1, 2], 0)


@pytest.mark.parametrize(
    "change",
    [
        {"user": torch.tensor([0, 0, 2])},
        {"user": torch.tensor([0, 1, 0])},
        {"user": torch.tensor([0.0, 0.0, 1.0])},
        {"user": torch.zeros(1, dtype=torch.int64).expand(10**9)},
        {"item": torch.tensor([0, 2, -1])},
        {"item": torch.tensor([[0, 2, 1]])},
        {"item": [0, 2, 1]},
        {"labels": torch.tensor([0, 1, 3])},
        {"labels": torch.tensor([0, 0, 2])},
        {"labels": torch.tensor([0, 1])},
        {"num_users": 10**12},
        {"num_items": 10**12},
        {"num_items": 4},
        {"num_items": True},
        {"num_users": torch.tensor(2)},
        {"raw_user": torch.tensor([9, 4])},
        {"raw_item": torch.tensor([0, 1, 10**6])},
        {"first_row": 2},
        {"weight": torch.tensor([1.0, 2.0, 0.0], dtype=torch.float64)},
        {"weight": torch.ones(2, dtype=torch.float64)},
        {"weight": torch.ones(3)},
    ],
    ids=str,
)
def test_what_could_not_come_from_the_file_is_absent(path, change):
    content = cache.load(path, max_bytes=10**6)
    cache.save(path, content | change)
    assert load_labelled(path, **BOUNDS) is None


@pytest.mark.parametrize("content", [[1], "text", {}, {"user": None}], ids=str)
def test_another_structure_is_absent(path, content):
    buffer = io.BytesIO()
    torch.save(content, buffer)
    path.write_bytes(cache.hashlib.sha256(buffer.getvalue()).digest() + buffer.getvalue())
    assert load_labelled(path, **BOUNDS) is None


def test_deflated_members_are_not_unpacked(path, monkeypatch):
    whole, packed = io.BytesIO(path.read_bytes()[32:]), io.BytesIO()
    with zipfile.ZipFile(whole) as stored, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as deflated:
        for name in stored.namelist():
            deflated.writestr(name, stored.read(name))
    path.write_bytes(cache.hashlib.sha256(packed.getvalue()).digest() + packed.getvalue())
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("unpacked"))
    assert load_labelled(path, **BOUNDS) is None


def test_a_file_larger_than_could_be_is_not_read(path):
    with path.open("ab") as file:
        file.truncate(2 * kept._OVERHEAD + 40 * 1000)
    assert load_labelled(path, **BOUNDS) is None


@pytest.mark.parametrize("error", [MemoryError, RecursionError, AttributeError, EOFError])
def test_any_failure_counts_as_absent(path, monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(torch, "load", fail)
    assert load_labelled(path, **BOUNDS) is None


def test_a_folder_in_the_place_of_the_file(tmp_path):
    assert load_labelled(tmp_path, **BOUNDS) is None


def test_the_hash_is_that_of_the_split_at_hand(folder, own_cache):
    """Whoever shares the cache may write another split into it, but not vouch for it."""
    honest = MMRecFolder(folder).split_hash
    (path,) = own_cache.iterdir()
    content = cache.load(path, max_bytes=10**6)
    cache.save(path, content | {"labels": content["labels"].roll(1), "split_hash": honest})
    dataset = MMRecFolder(folder)
    assert dataset.split_hash == split_hash(dataset[0]) != honest


def test_what_killed_runs_left_is_removed_after_an_hour(path):
    key = "f" * 32
    old, young = (path.with_name(f".shop-{digit * 32}.pt.{key}.tmp") for digit in "12")
    foreign = path.with_name(".precious.tmp")
    for left in (old, young, foreign):
        left.touch()
    for left in (old, foreign):
        os.utime(left, (time.time() - 4000,) * 2)
    save_labelled(path, Labelled(TABLE, np.array([0, 1, 2]), 0))
    assert sorted(p.name for p in path.parent.iterdir()) == sorted([young.name, foreign.name, path.name])


def test_the_graph_of_what_was_kept_is_the_same(path):
    table, labels, _ = load_labelled(path, **BOUNDS)
    assert split_hash(hetero_data(table, labels, {})) == split_hash(hetero_data(TABLE, np.array([0, 1, 2]), {}))
