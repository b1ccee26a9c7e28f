"""What LATTICE and MICRO promise alike: the graphs are the weights' own."""

import pytest
import torch

from mmgraph.models import LATTICE, MICRO
from mmgraph.transforms import KNNGraph, knn_graph
from tests.conftest import bipartite_graph

pytestmark = pytest.mark.parametrize("make", [LATTICE, MICRO])


@pytest.fixture
def graph(graph):
    return KNNGraph(k=3, weight="sym")(graph)


def neighbors(graph, name):
    return graph["item", f"{name}_learned", "item"].edge_index


def test_ranking_mines_the_graphs_anew_from_the_weights(make, graph):
    """A graph left over from training has other neighbours, and so other vectors."""
    model = make(graph, emb_dim=4, knn_k=3, initial_share=0.1)
    trained_on = model.training_graph(graph, 0)
    with torch.no_grad():
        for parameter in model.project.parameters():
            parameter.copy_(torch.randn_like(parameter))
    for ranked_on in (model.inference_graph(graph), model.inference_graph(trained_on)):
        for name, z in model.project({name: x.detach() for name, x in model.features.items()}).items():
            assert torch.equal(neighbors(ranked_on, name), knn_graph(z.detach(), 3)[0])
        assert any(not torch.equal(neighbors(ranked_on, name), neighbors(trained_on, name)) for name in model.features)
        assert not torch.allclose(model(ranked_on).item, model(trained_on).item)
        torch.testing.assert_close(model(ranked_on).item, model(graph).item)


def test_the_graph_given_stays_as_it_is(make, graph):
    before = list(graph.edge_types)
    model = make(graph, emb_dim=4, knn_k=3)
    model.inference_graph(graph)
    model(graph)
    assert graph.edge_types == before


@pytest.mark.parametrize(("num_layers", "num_item_layers", "hops"), [(2, 1, (2, 2)), (1, 2, (3, 3)), (4, 1, (4, 2))])
def test_how_far_it_reaches(make, graph, num_layers, num_item_layers, hops):
    model = make(graph, num_layers=num_layers, num_item_layers=num_item_layers, knn_k=3)
    assert (model.num_hops, model.num_graph_hops) == hops


@pytest.mark.parametrize("trainable", [True, False])
def test_features_are_trained_from_their_values_or_left_as_they_are(make, graph, trainable):
    model = make(graph, emb_dim=4, knn_k=3, trainable_features=trainable)
    assert sorted(model.features) == (["image", "text"] if trainable else [])
    before = graph["item"].x_image.clone()
    model(graph).item.square().sum().backward()
    assert torch.equal(graph["item"].x_image, before)


def test_items_need_a_modality(make):
    with pytest.raises(ValueError, match="at least one modality"):
        make(bipartite_graph(modalities=()))
