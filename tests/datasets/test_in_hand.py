import pytest
import torch
from torch_geometric.data import HeteroData

from mmgraph.datasets import InHand, Synthetic
from mmgraph.typing import INTERACTS, REV_INTERACTS


def bare():
    """As somebody would make it: no degrees, no reverse edges, any order."""
    data = HeteroData(user={"num_nodes": 3}, item={"x_text": torch.eye(4, dtype=torch.float64)})
    data[INTERACTS].edge_index = torch.tensor([[2, 0, 1], [0, 3, 1]])
    data[INTERACTS].val_edge_label_index = torch.tensor([[0], [1]])
    data[INTERACTS].test_edge_label_index = torch.tensor([[1], [2]])
    return data


def test_what_can_be_derived_is_added_and_the_graph_stays_as_it_is():
    given = bare()
    data = InHand(given)[0]
    assert data[INTERACTS].edge_index.tolist() == [[0, 1, 2], [3, 1, 0]]
    assert data[REV_INTERACTS].edge_index.tolist() == [[3, 1, 0], [0, 1, 2]]
    assert data["item"].degree.tolist() == [1, 1, 0, 1]
    assert data["item"].num_nodes == 4
    assert data["item"].x_text.dtype == torch.float32
    assert REV_INTERACTS not in given.edge_types


def test_a_data_set_in_hand_has_the_split_of_the_data_set():
    dataset = Synthetic(num_users=50, num_items=40)
    assert InHand(dataset[0]).split_hash == dataset.split_hash
    assert InHand(dataset[0]).feature_hash == dataset.feature_hash


def test_degrees_are_float32_whatever_torch_makes_by_default(in_double):
    for data in (InHand(bare())[0], Synthetic(num_users=50, num_items=40)[0]):
        assert data["user"].degree.dtype == data["item"].degree.dtype == torch.float32


def drop_users(data):
    del data["user"].num_nodes


def drop_edges(data):
    del data[INTERACTS]


def drop_test(data):
    del data[INTERACTS].test_edge_label_index


def name_an_absent_item(data):
    data[INTERACTS].edge_index = torch.tensor([[0], [4]])


def transpose(data):
    data[INTERACTS].edge_index = torch.tensor([[0, 1], [1, 1], [2, 2]])


def weigh_by_zero(data):
    data[INTERACTS].weight = torch.zeros(data[INTERACTS].edge_index.size(1))


def spoil_features(data):
    data["item"].x_text[2, 1] = float("nan")


def shorten_features(data):
    data["item"].num_nodes = 5


def repeat_a_pair(data):
    data[INTERACTS].edge_index = torch.tensor([[2, 0, 2], [0, 3, 0]])


def hold_out_a_train_pair(data):
    data[INTERACTS].test_edge_label_index = torch.tensor([[2], [0]])


def count_features(data):
    data["item"].x_text = torch.eye(4, dtype=torch.long)


def give_sparse_features(data):
    data["item"].x_text = torch.eye(4).to_sparse()


def give_no_column(data):
    data["item"].x_text = torch.ones(4, 0)


def count_who_has(data):
    data["item"].has_text = torch.ones(4, dtype=torch.long)


def name_two_users_alike(data):
    data["user"].raw_id = torch.tensor([7, 8, 7])


def name_users_by_floats(data):
    data["user"].raw_id = torch.tensor([7.0, 8.0, 9.0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop_users, r"data\['user'\].num_nodes is not set"),
        (drop_edges, "there are no edges"),
        (drop_test, r"test_edge_label_index must be pairs .* found nothing; hold out some"),
        (name_an_absent_item, "edge_index: items must be from 0 to 3, found 4"),
        (transpose, "edge_index must be pairs"),
        (spoil_features, r"x_text: row 2 has a NaN or Inf"),
        (repeat_a_pair, "user 2 and item 0 occur 2 times"),
        (hold_out_a_train_pair, "user 2 and item 0 occur 2 times"),
        (count_features, r"tensor of floats; found Tensor \(4, 4\) torch.int64"),
        (give_sparse_features, r"a dense \(4, d\) tensor .* sparse"),
        (give_no_column, r"found Tensor \(4, 0\)"),
        (count_who_has, r"has_text must be whether each item has the modality, \(4,\) bool; found Tensor"),
        (name_two_users_alike, r"raw_id must be an id of its own for each node; 1 are repeated"),
        (name_users_by_floats, r"\(3,\) int64; found Tensor \(3,\) torch.float32"),
        (weigh_by_zero, r"weight must be how much each of the \d train interactions counts, \(\d,\) floats above 0"),
        (shorten_features, r"x_text must be features of the 5 items"),
    ],
)
def test_what_is_wrong_is_named(change, message):
    data = bare()
    change(data)
    with pytest.raises(ValueError, match=message):
        InHand(data)


def test_weights_follow_their_interactions():
    data = bare()
    user, item = data[INTERACTS].edge_index
    data[INTERACTS].weight = (user * 10 + item + 1).float()
    edges = InHand(data)[0][INTERACTS]
    assert edges.weight.tolist() == (edges.edge_index[0] * 10 + edges.edge_index[1] + 1).tolist()


def test_what_is_not_read_is_described():
    data = bare()
    data[INTERACTS].edge_attr = torch.ones(3, 2)
    data["item", "has", "brand"].edge_index = torch.zeros(2, 1, dtype=torch.long)
    assert "not read: ('item', 'has', 'brand'), edge_attr" in InHand(data).describe()


def test_features_that_are_trained_elsewhere_are_taken_as_they_are():
    data = bare()
    data["item"].x_text.requires_grad_()
    dataset = InHand(data)
    assert dataset.feature_hash == InHand(bare()).feature_hash
    assert not dataset[0]["item"].x_text.requires_grad
