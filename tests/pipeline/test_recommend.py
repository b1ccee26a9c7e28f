import numpy as np
import pytest
import torch

from mmgraph.datasets import Synthetic, message_graph
from mmgraph.models import ItemKNN, LightGCN, Popularity
from mmgraph.pipeline.recommend import _check_kinds, as_index, checked_length, encode, recommend, similar_items
from mmgraph.typing import INTERACTS, Encoding

DATA = Synthetic(num_users=50, num_items=40, modalities=[])[0]
GRAPH = message_graph(DATA)


def test_lists_are_the_best_scores_without_what_a_user_has():
    model = LightGCN(GRAPH, emb_dim=8)
    found = recommend(model, GRAPH, [3, 14, 3], k=7)
    encoding = model(GRAPH)
    scores = (encoding.user @ encoding.item.T).detach()
    user, item = GRAPH[INTERACTS].edge_index
    scores[user, item] = -torch.inf
    torch.testing.assert_close(found.scores, scores[[3, 14, 3]].topk(7).values)
    assert torch.equal(found.ids[0], found.ids[2])
    assert not set(found.ids[0].tolist()) & set(item[user == 3].tolist())


def test_held_out_items_of_a_graph_that_has_them_are_left_out_too():
    found = recommend(Popularity(DATA), DATA, [0], k=40)
    held = DATA[INTERACTS].test_edge_label_index
    assert not set(found.ids[0].tolist()) & set(held[1][held[0] == 0].tolist())


def test_where_fewer_items_are_left_the_list_ends():
    found = recommend(Popularity(GRAPH), GRAPH, [0], k=100)
    had = int((GRAPH[INTERACTS].edge_index[0] == 0).sum())
    assert found.ids.shape == (1, 40)
    assert (found.ids[0] == -1).sum() == had
    assert found.scores[0][-had:].isneginf().all()


def test_a_model_in_training_mode_stays_in_it():
    model = LightGCN(GRAPH).train()
    recommend(model, GRAPH, [0])
    assert model.training


def test_similar_items_have_the_largest_cosines():
    encoding = encode(LightGCN(GRAPH, emb_dim=8), GRAPH)
    found = similar_items(encoding, [7, 2], k=3)
    unit = torch.nn.functional.normalize(encoding.item, dim=-1)
    cosine = unit @ unit.T
    cosine.fill_diagonal_(-2)
    torch.testing.assert_close(found.scores, cosine[[7, 2]].topk(3).values)


@pytest.mark.parametrize("model", [Popularity, ItemKNN])
def test_models_without_vectors_have_no_similar_items(model):
    with pytest.raises(ValueError, match="this model has none"):
        similar_items(encode(model(GRAPH), GRAPH), [0])


@pytest.mark.parametrize(
    ("users", "k", "message"),
    [
        ([50], 1, "users must be from 0 to 49, found 50"),
        ([-1], 1, "users must be from 0 to 49, found -1"),
        ([], 1, "users must be a list of whole numbers"),
        ([2**70], 1, "users must be a list of whole numbers"),
        (np.array([3], dtype=object), 1, "users must be a list of whole numbers"),
        ([0], 0, "k must be at least 1, got 0"),
    ],
)
def test_what_is_wrong_is_named(users, k, message):
    with pytest.raises(ValueError, match=message):
        recommend(Popularity(GRAPH), GRAPH, users, k=k)


@pytest.mark.parametrize("values", [None, "3", [[1], [2, 3]], ["3"], 3, {3}, (i for i in [3]), [1j], [True], slice(3)])
def test_what_is_no_list_of_whole_numbers(values):
    with pytest.raises(ValueError, match="users must be a list of whole numbers"):
        as_index(values, "users")


@pytest.mark.parametrize("users", [np.array([3, 14], dtype=np.int32), torch.tensor([3, 14]), (3, 14), range(3, 15, 11)])
def test_users_as_one_has_them(users):
    assert torch.equal(as_index(users, "users"), torch.tensor([3, 14]))


@pytest.mark.parametrize("k", [1.5, "3", None])
def test_a_length_is_a_whole_number(k):
    with pytest.raises(ValueError, match="k must be a whole number"):
        checked_length(k, 40)


def test_what_is_no_model_and_no_graph():
    with pytest.raises(TypeError, match=r"model must be a Recommender \(of a run: run.model\), got list"):
        _check_kinds([], GRAPH)
    with pytest.raises(TypeError, match=r"message_graph\(dataset\[0\]\)\), got Synthetic"):
        _check_kinds(Popularity(GRAPH), Synthetic())


def test_similar_items_hold_no_gradients():
    item = torch.nn.Parameter(torch.eye(4))
    assert not similar_items(Encoding(item, item), [0]).scores.requires_grad
