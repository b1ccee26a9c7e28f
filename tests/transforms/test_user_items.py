import pytest
import torch

from mmgraph.transforms import add_user_items, top_unseen_items
from tests.conftest import adjacency


@pytest.mark.parametrize("chunk_size", [1, 5, 512])
def test_best_of_the_rest(graph, chunk_size):
    graph["user", "interacts", "item"].edge_index = graph["user", "interacts", "item"].edge_index[:, 4:]
    user, item = torch.randn(12, 3), torch.randn(9, 3)
    scores = (user @ item.T).masked_fill(adjacency(graph) > 0, -torch.inf)
    active = adjacency(graph).any(1)
    edges = top_unseen_items(graph, user, item, 3, chunk_size=chunk_size)
    expected = {(int(u), int(i)) for u in active.nonzero() for i in scores[u].topk(3).indices.flatten()}
    assert {tuple(edge) for edge in edges.T.tolist()} == expected


def test_users_who_have_all_get_nothing(graph):
    graph["user", "interacts", "item"].edge_index = torch.stack([torch.zeros(9, dtype=torch.long), torch.arange(9)])
    assert top_unseen_items(graph, torch.randn(12, 3), torch.randn(9, 3), 3).shape == (2, 0)
    graph["user", "interacts", "item"].edge_index = torch.zeros(2, 0, dtype=torch.long)
    assert top_unseen_items(graph, torch.randn(12, 3), torch.randn(9, 3), 3).shape == (2, 0)


def test_at_least_one_item(graph):
    with pytest.raises(ValueError, match="k=0 must be at least 1"):
        top_unseen_items(graph, torch.ones(12, 1), torch.ones(9, 1), 0)


def test_edges_stand_beside_the_interactions(graph):
    before = graph.edge_types
    added = add_user_items(graph, torch.tensor([[0], [2]]), relation="guessed")
    assert graph.edge_types == before
    assert set(added.edge_types) - set(before) == {("user", "guessed", "item"), ("item", "rev_guessed", "user")}
