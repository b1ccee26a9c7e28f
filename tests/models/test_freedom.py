import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import FREEDOM
from mmgraph.transforms import KNNGraph

INTERACTS = ("user", "interacts", "item")


@pytest.fixture
def graph(graph):
    return KNNGraph(k=3, weight="uniform", merge=True)(graph)


def test_each_epoch_trains_on_another_part_of_the_graph_and_ranking_on_all_of_it(graph):
    model = FREEDOM(graph, dropout=0.5)
    epochs = [model.training_graph(graph, epoch)[INTERACTS].edge_index for epoch in range(2)]
    num_edges = graph[INTERACTS].edge_index.size(1)
    assert [edges.size(1) for edges in epochs] == [num_edges // 2] * 2
    assert not torch.equal(*epochs)
    assert model.inference_graph(graph) is graph
    assert FREEDOM(graph, dropout=0.0).training_graph(graph, 0) is graph


def test_items_are_smoothed_over_the_merged_graph(graph):
    model = FREEDOM(graph, emb_dim=4, num_layers=0, num_item_layers=2)
    store = graph["item", "similar", "item"]
    matrix = torch.zeros(9, 9).index_put((store.edge_index[1], store.edge_index[0]), store.edge_weight)
    expected = model.item_table + matrix @ (matrix @ model.item_table)
    torch.testing.assert_close(model(graph).item, expected)


@pytest.mark.parametrize("trainable", [True, False])
def test_features_are_trained_from_their_values_or_left_as_they_are(graph, trainable):
    model = FREEDOM(graph, trainable_features=trainable)
    assert sorted(model.features) == (["image", "text"] if trainable else [])
    before = graph["item"].x_image.clone()
    all_views(model(graph))["modal.image"]["item"].sum().backward()
    if trainable:
        assert torch.equal(model.features["image"].detach(), before)
        assert model.features["image"].grad.any()
    assert torch.equal(graph["item"].x_image, before)
