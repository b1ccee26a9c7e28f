import torch

from mmgraph.datasets import Synthetic, message_graph
from mmgraph.typing import INTERACTS


def test_no_label_is_left_and_nothing_is_copied():
    data = Synthetic(num_users=50, num_items=40)[0]
    data["item"].similar_edge_label = torch.ones(1)
    graph = message_graph(data)
    assert {key for store in graph.stores for key in store.keys() if "label" in key} == set()  # noqa: SIM118
    assert graph[INTERACTS].edge_index is data[INTERACTS].edge_index
    assert graph["item"].x_image is data["item"].x_image
    assert "test_edge_label_index" in data[INTERACTS]


def test_the_graph_and_the_data_go_separate_ways():
    data = Synthetic(num_users=50, num_items=40)[0]
    graph = message_graph(data)
    graph["item", "similar", "item"].edge_index = torch.zeros(2, 1, dtype=torch.long)
    graph["user"].extra = torch.ones(50)
    assert len(data.edge_types) == 2
    assert "extra" not in data["user"]
