"""A run's folder holds what recommending needs: the same that was put there, or a sentence."""

import json
import shutil

import numpy as np
import pytest
import torch

from mmgraph.config.compose import compose_config
from mmgraph.datasets import MMRecFolder
from mmgraph.evaluation.pairs import PairSet
from mmgraph.models import FISM, ItemKNN
from mmgraph.pipeline.api import load
from mmgraph.pipeline.recommend import encode
from mmgraph.pipeline.run import restore, train
from mmgraph.pipeline.run_folder import read_identity
from mmgraph.pipeline.serving import FOLDER, IdTable, Serving, keep, open_kept
from mmgraph.typing import INTERACTS, PARTS
from tests.conftest import bipartite_graph
from tests.prepared import NUM_ITEMS, NUM_USERS, item_id, user_id, words, write_shop


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A finished run whose data are gone."""
    folder = tmp_path_factory.mktemp("made")
    train(compose_config(words(write_shop(folder / "shop"))), folder / "run", verbose=False)
    shutil.move(folder / "shop", folder / "elsewhere")
    return folder


@pytest.fixture
def run_dir(made, tmp_path):
    """A copy of the run, to change."""
    return shutil.copytree(made / "run", tmp_path / "run")


def opened(run_dir):
    return open_kept(run_dir, read_identity(run_dir))


def test_what_is_kept_is_what_the_run_came_to(made):
    kept = opened(made / "run")
    data = MMRecFolder(made / "elsewhere", name="shop")
    parts = restore(made / "run", dataset=data)
    anew = Serving.of(parts.model, encode(parts.model, parts.graph), data)
    assert torch.equal(kept.encoding.user, anew.encoding.user)
    assert torch.equal(kept.encoding.item, anew.encoding.item)
    assert list(kept.users.values) == [user_id(row) for row in range(NUM_USERS)]
    assert list(kept.items.values) == [item_id(row) for row in range(NUM_ITEMS)]
    assert kept.known.keys() == {"train", "val", "test"}
    for part, pairs in anew.known.items():
        assert torch.equal(kept.known[part].key, pairs.key)
        assert torch.equal(kept.known[part].pointer, pairs.pointer)
    assert {name: list(texts) for name, texts in kept.columns.items()} == data.item_columns()
    assert repr(kept) == "Serving(40 users, 30 items, InnerProduct)"


@pytest.mark.parametrize("make", [ItemKNN, FISM])
def test_sparse_encodings_and_settings_come_back(make, tmp_path):
    graph = bipartite_graph()
    model = make(graph).eval()
    encoding = encode(model, graph)
    numbers = [IdTable(side, np.arange(graph[side].num_nodes)) for side in ("user", "item")]
    pairs = PairSet.of([graph[INTERACTS].edge_index], num_users=12, num_items=9)
    keep(Serving(encoding, model.scorer(), *numbers, dict.fromkeys(PARTS, pairs), {}), tmp_path, {})
    again = open_kept(tmp_path, {})
    users = torch.arange(12)
    assert torch.equal(again.scorer.score(again.encoding, users), model.score(encoding, users))
    assert torch.equal(again.known_in(["train"]).key, pairs.key)


def test_an_interrupted_training_leaves_its_place_to_the_next(made, run_dir):
    kept = opened(run_dir)
    keep(kept, run_dir, {"a": "b"})
    assert [path.name for path in run_dir.glob("*serving*")] == [FOLDER]
    assert json.loads((run_dir / FOLDER / "serving.json").read_text())["identity"] == {"a": "b"}


def change(path, key, value):
    described = json.loads(path.read_text())
    described[key] = value
    path.write_text(json.dumps(described))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("format", 2, r"was written by mmgraph .* in format 2, .* which reads format 1: use the later one"),
        ("format", None, r"in format None"),
        ("identity", {}, r"serving is of another run than .*run; delete the folder to rank from the data set"),
        ("scorer", "os.system", r"serving is damaged \(KeyError"),
        ("num_users", 41, r"serving is damaged \(ValueError: its arrays differ in the number of users or items"),
        ("num_users", "x", r"serving is damaged"),
        ("files", {"../config.yaml": "0"}, r"serving is damaged \(FileNotFoundError"),
        ("files", {}, r"serving is damaged \(KeyError"),
        ("columns", ["a", "b", "c"], r"serving is damaged \(KeyError"),
        ("views", {"x": ["user"]}, r"serving is damaged \(KeyError"),
    ],
)
def test_a_description_that_does_not_fit(run_dir, key, value, message):
    change(run_dir / FOLDER / "serving.json", key, value)
    with pytest.raises(ValueError, match=message):
        load(run_dir).recommend("all")


@pytest.mark.parametrize("name", ["user.npy", "item.npy", "tables.npz"])
def test_a_changed_byte_is_noticed(run_dir, name):
    path = run_dir / FOLDER / name
    content = bytearray(path.read_bytes())
    content[-200] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"serving is damaged .*{name} is not what was written.*; delete the folder"):
        load(run_dir).recommend("all")


def test_a_missing_description(run_dir):
    (run_dir / FOLDER / "serving.json").unlink()
    with pytest.raises(ValueError, match=r"serving.json is damaged \(.*No such file"):
        load(run_dir).recommend("all")


def test_a_run_of_an_earlier_version_ranks_from_its_data(made, run_dir):
    expected = load(run_dir).recommend("all", k=7, at_most=3)
    shutil.rmtree(run_dir / FOLDER)
    with pytest.raises(FileNotFoundError, match=r"no NAME.inter in .*shop"):
        load(run_dir).recommend("all")
    found = load(run_dir, data=MMRecFolder(made / "elsewhere", name="shop")).recommend("all", k=7, at_most=3)
    assert torch.equal(found.scores, expected.scores)
    assert (found.ids == expected.ids).all()


def test_a_full_disk_names_the_place_and_leaves_nothing(made, tmp_path, monkeypatch):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    kept = opened(made / "run")
    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match=r"could not write .*serving \(No space left on device\); what was there before"):
        keep(kept, tmp_path, {})
    assert list(tmp_path.iterdir()) == []
