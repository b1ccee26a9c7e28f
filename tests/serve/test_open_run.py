import json
import shutil

import numpy as np
import pytest

import mmgraph as mm
from mmgraph.reading import hash_file
from mmgraph.serve.index import ItemIndex
from mmgraph.serve.open_run import open_run


@pytest.fixture
def copied(shop, tmp_path):
    """The shop's run in another folder."""
    shutil.copytree(shop.run.folder, tmp_path / "copy")
    return tmp_path / "copy"


def test_original_ids_columns_histories_and_features(shop):
    served = open_run(shop.run.folder)
    data = shop.run.dataset
    assert served.users.ids == list(data.user_ids)
    assert served.items.ids.ids == list(data.item_ids)
    assert set(served.items.columns_of(2)) == {"title", "category", "price", "image"}
    assert sorted(served.features) == ["image", "text"]
    edges = np.concatenate([part.numpy() for part in _parts(data[0])], axis=1)
    for row in range(len(served.users)):
        assert served.history(row).tolist() == sorted(edges[1][edges[0] == row])
    assert served.num_havers.sum() == edges.shape[1]
    assert served.about["model"] == "vbpr"


def _parts(data):
    store = data["user", "interacts", "item"]
    return [store.edge_index, store.val_edge_label_index, store.test_edge_label_index]


def test_a_run_is_served_without_its_data(copied, shop):
    report = json.loads((copied / "report.json").read_text())
    assert report["config"]["dataset"]["root"]
    hidden = shop.folder.with_name("hidden")
    shop.folder.rename(hidden)
    try:
        served = open_run(copied)
    finally:
        hidden.rename(shop.folder)
    assert served.features == {}
    assert served.for_users(np.array([0]), 3)[0].items.size == 3


@pytest.mark.parametrize("version", ["99.0.0", "99.1.dev3", "who knows"])
def test_a_run_of_a_newer_version_is_refused(copied, version):
    report = json.loads((copied / "report.json").read_text())
    report["versions"]["mmgraph"] = version
    (copied / "report.json").write_text(json.dumps(report))
    with pytest.raises(ValueError, match=f"was written by mmgraph {version}, and this is mmgraph {mm.__version__}"):
        open_run(copied)


def test_a_folder_that_is_no_run(tmp_path):
    with pytest.raises(FileNotFoundError, match="not the folder of a run"):
        open_run(tmp_path)


def test_vectors_that_are_not_finite_are_refused(copied):
    vectors = np.load(copied / "serving" / "item.npy")
    vectors[3, 1] = np.nan
    np.save(copied / "serving" / "item.npy", vectors)
    described = json.loads((copied / "serving" / "serving.json").read_text())
    described["files"]["item.npy"] = hash_file(copied / "serving" / "item.npy")
    (copied / "serving" / "serving.json").write_text(json.dumps(described))
    with pytest.raises(ValueError, match="its items' vectors hold NaN or Inf"):
        open_run(copied)


def test_an_index_is_made_where_it_is_asked_for(copied):
    pytest.importorskip("faiss")
    assert open_run(copied).ranker.index is None
    assert open_run(copied, index="exact").ranker.index is None
    assert isinstance(open_run(copied, index="approximate").ranker.index, ItemIndex)
