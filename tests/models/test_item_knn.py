import math

import pytest
import torch

from mmgraph.models import ItemKNN
from mmgraph.models import item_knn as module
from mmgraph.nn.sparse import rows as sparse_rows
from mmgraph.typing import INTERACTS
from tests.conftest import bipartite_graph


def plain_scores(graph, knn_k, shrink):
    """Scores from the equation, in plain Python."""
    num_users, num_items = graph["user"].num_nodes, graph["item"].num_nodes
    owned = [set() for _ in range(num_users)]
    buyers = [set() for _ in range(num_items)]
    for user, item in graph[INTERACTS].edge_index.T.tolist():
        owned[user].add(item)
        buyers[item].add(user)

    def similarity(i, j):
        common = len(buyers[i] & buyers[j])
        return common / (math.sqrt(len(buyers[i]) * len(buyers[j])) + shrink) if common else 0.0

    nearest = [
        sorted((i for i in range(num_items) if i != j), key=lambda i, j=j: (-similarity(i, j), i))[:knn_k]
        for j in range(num_items)
    ]
    return [
        [sum(similarity(i, j) for i in nearest[j] if i in owned[u]) for j in range(num_items)] for u in range(num_users)
    ]


@pytest.mark.parametrize(("knn_k", "shrink"), [(1, 0.0), (3, 0.0), (3, 2.5), (100, 10.0)])
@pytest.mark.parametrize("seed", [0, 1])
def test_equals_the_equation(knn_k, shrink, seed):
    graph = bipartite_graph(num_users=25, num_items=14, seed=seed)
    model = ItemKNN(graph, knn_k=knn_k, shrink=shrink)
    scores = model.score(model(graph), torch.arange(25))
    torch.testing.assert_close(scores, torch.tensor(plain_scores(graph, knn_k, shrink)), atol=1e-6, rtol=1e-5)


def test_blocks_and_chunks_change_no_bit(monkeypatch):
    graph = bipartite_graph(num_users=40, num_items=30)
    model = ItemKNN(graph, knn_k=5)
    encoding, everybody = model(graph), torch.arange(40)
    whole = model.score(encoding, everybody)
    assert torch.equal(torch.cat([model.score(encoding, user) for user in everybody.split(3)]), whole)
    monkeypatch.setattr(sparse_rows, "BLOCK_SIZE", 17)
    assert torch.equal(model.score(encoding, everybody), whole)
    monkeypatch.setattr(module, "CHUNK_ITEMS", 4)
    assert torch.equal(model.score(model(graph), everybody), whole)


def test_pairs_equal_rows(monkeypatch):
    graph = bipartite_graph(num_users=40, num_items=30)
    model = ItemKNN(graph)
    encoding, user, item = model(graph), torch.tensor([3, 3, 39]), torch.tensor([[1, 2], [0, 29], [5, 5]])
    rows = model.score(encoding, user)
    monkeypatch.setattr(sparse_rows, "BLOCK_SIZE", 31)
    assert torch.equal(model.score_pairs(encoding, user, item), rows.gather(1, item))
    assert torch.equal(model.score_pairs(encoding, user, item[:, 0]), rows.gather(1, item[:, :1]).squeeze(1))


def test_no_item_is_its_own_neighbour_and_each_keeps_k():
    graph = bipartite_graph(num_users=60, num_items=20)
    similarity = ItemKNN(graph, knn_k=4)(graph).item.to_dense()
    assert not similarity.diagonal().any()
    assert (similarity > 0).sum(0)[:-1].tolist() == [4] * 19
    assert (similarity[:, -1] == 0).all()  # the item nobody chose


def test_users_without_history_and_graphs_that_grow(graph):
    """The model keeps nothing: new interactions count at once, users without any get zeros."""
    model = ItemKNN(graph, shrink=0.0)
    everybody = torch.arange(graph["user"].num_nodes)
    kept = graph[INTERACTS].edge_index
    graph[INTERACTS].edge_index = kept[:, kept[0] != 2]
    assert not model.score(model(graph), torch.tensor([2])).any()
    graph[INTERACTS].edge_index = kept
    grown = model.score(model(graph), everybody)
    assert grown[2].any()
    assert torch.equal(grown, model.score(model(graph), everybody))


def test_wrong_arguments_are_refused(graph):
    with pytest.raises(ValueError, match=r"knn_k must be at least 1 .* got knn_k=0"):
        ItemKNN(graph, knn_k=0)
    with pytest.raises(ValueError, match=r"shrink at least 0; .* shrink=-1.0"):
        ItemKNN(graph, shrink=-1.0)
