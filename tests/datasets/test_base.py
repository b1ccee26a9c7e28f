import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmgraph.datasets.base import InteractionDataset, hetero_data, split_hash
from mmgraph.datasets.features import Modality
from mmgraph.datasets.interactions import Interactions
from mmgraph.typing import INTERACTS, REV_INTERACTS


def example(**columns):
    table = Interactions(np.array([0, 0, 1, 2, 2]), np.array([0, 2, 1, 0, 1]), num_users=4, num_items=3, **columns)
    features = {
        "image": Modality(np.ones((3, 2), np.float32), np.array([True, False, True])),
        "text": Modality(np.zeros((3, 5), np.float32), None),
    }
    return hetero_data(table, np.array([0, 1, 0, 2, 0]), features)


def test_graph_holds_train_edges_and_plain_tensors():
    data = example()
    data.validate()
    assert data[INTERACTS].edge_index.tolist() == [[0, 1, 2], [0, 1, 1]]
    assert data[REV_INTERACTS].edge_index.tolist() == [[0, 1, 1], [0, 1, 2]]
    assert data[INTERACTS].val_edge_label_index.tolist() == [[0], [2]]
    assert data[INTERACTS].test_edge_label_index.tolist() == [[2], [0]]
    assert data["user"].degree.tolist() == [1, 1, 1, 0]
    assert data["item"].degree.tolist() == [1, 2, 0]
    assert data["item"].degree.dtype == torch.float32
    assert data["item"].has_image.tolist() == [True, False, True]
    assert set(data["item"].keys()) == {"num_nodes", "degree", "x_image", "has_image", "x_text"}
    assert data.edge_types == [INTERACTS, REV_INTERACTS]


def test_summary_counts_the_absent():
    dataset = InteractionDataset("toy", example(), "hash")
    assert dataset.summary == {
        "users": 4,
        "items": 3,
        "interactions": 5,
        "train": 3,
        "val": 1,
        "test": 1,
        "users_absent_from_train": 1,
        "items_without_interactions": 0,
        "items_absent_from_train": 1,
        "modalities": {"image": {"dim": 2, "items_without": 1}, "text": {"dim": 5, "items_without": 0}},
    }
    assert "'toy', users=4" in repr(dataset)
    assert len(dataset) == 1


def test_what_is_added_to_a_graph_stays_out_of_the_data_set():
    def add(data):
        data["item"].new = 1
        return data

    dataset = InteractionDataset("toy", example(), "hash", transform=add)
    dataset[0]["user"].mine = torch.ones(4)
    assert "mine" not in dataset[0]["user"]
    assert dataset[0]["item"].new == 1
    assert "new" not in dataset._data["item"]


@pytest.mark.parametrize("name", ["item", INTERACTS])
def test_a_data_set_is_not_its_graph(name):
    with pytest.raises(TypeError, match=r"toy is a data set, which holds one graph: give dataset\[0\]"):
        InteractionDataset("toy", example(), "hash")[name]


@given(st.permutations(range(5)))
def test_hash_depends_on_parts_but_not_on_order(order):
    data, shuffled = example(), example()
    rows = torch.tensor([i for i in order if i < 3])
    shuffled[INTERACTS].edge_index = data[INTERACTS].edge_index[:, rows]
    assert split_hash(shuffled) == split_hash(data)
    shuffled[INTERACTS].val_edge_label_index = data[INTERACTS].test_edge_label_index
    assert split_hash(shuffled) != split_hash(data)


def test_hash_reads_raw_ids():
    raw = example(raw_user=np.array([3, 5, 7, 9]), raw_item=np.array([0, 10, 20]))
    assert raw["item"].raw_id.tolist() == [0, 10, 20]
    assert split_hash(raw) != split_hash(example())
    assert split_hash(example(raw_user=np.arange(4), raw_item=np.arange(3))) == split_hash(example())
