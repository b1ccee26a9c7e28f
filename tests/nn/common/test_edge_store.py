import pytest
import torch
from torch_geometric.data import HeteroData

from mmgraph.nn import edge_store


def test_gives_the_edges_that_are_there():
    graph = HeteroData()
    graph["item", "text_knn", "item"].edge_index = torch.tensor([[0], [1]])
    assert edge_store(graph, "item", "text_knn", "item").edge_index.tolist() == [[0], [1]]


@pytest.mark.parametrize(
    ("edge_type", "word"),
    [
        (("item", "similar", "item"), "graph=freedom"),
        (("item", "image_knn", "item"), "graph=rednd"),
        (("user", "co_interacts", "user"), "graph=co_interaction"),
        (("item", "bought_with", "item"), r"choose another graph=\.\.\."),
    ],
)
def test_what_is_missing_is_named_with_the_word_that_draws_it(edge_type, word):
    graph = HeteroData()
    graph["user", "rates", "item"].edge_index = torch.zeros(2, 0, dtype=torch.long)
    with pytest.raises(ValueError, match=rf"no edges \('{edge_type[0]}', '{edge_type[1]}'.*{word}") as caught:
        edge_store(graph, *edge_type)
    assert "It has [('user', 'rates', 'item')]" in str(caught.value)
    assert graph.edge_types == [("user", "rates", "item")]  # asking makes none
