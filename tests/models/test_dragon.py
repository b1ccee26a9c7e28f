"""DRAGON against its equations, written densely; the authors' own numbers are in test_golden.py."""

import pytest
import torch

from mmgraph.models import DRAGON
from mmgraph.transforms import CoInteractionGraph, KNNGraph
from tests.conftest import bipartite_graph, heard_from_peers, preference_layers


@pytest.fixture
def graph(graph):
    knn = KNNGraph(k=3, weight="uniform", merge=True, merge_weights={"image": 0.1, "text": 0.9})
    return knn(CoInteractionGraph(k=3)(graph))


@pytest.mark.parametrize(("num_layers", "num_item_layers"), [(2, 1), (1, 0), (3, 2)])
def test_equals_its_equations(graph, num_layers, num_item_layers):
    model = DRAGON(graph, emb_dim=4, hidden_dim=5, num_layers=num_layers, num_item_layers=num_item_layers)
    modal = [preference_layers(model, graph, name, num_layers) for name in ("image", "text")]
    user = torch.cat([model.user_weight[:, [column]] * of_user for column, (of_user, _) in enumerate(modal)], dim=1)
    item = torch.cat([of_item for _, of_item in modal], dim=1)
    store = graph["item", "similar", "item"]
    similar = torch.zeros(9, 9).index_put((store.edge_index[1], store.edge_index[0]), store.edge_weight)
    encoding = model(graph)
    torch.testing.assert_close(encoding.user, user + heard_from_peers(graph, user), atol=1e-5, rtol=1e-5)
    if num_item_layers:
        item = item + torch.linalg.matrix_power(similar, num_item_layers) @ item
    torch.testing.assert_close(encoding.item, item, atol=1e-5, rtol=1e-5)


def test_how_far_it_reaches(graph):
    model = DRAGON(graph, num_layers=2, num_item_layers=3)
    assert (model.num_hops, model.num_graph_hops) == (5, 3)
    model = DRAGON(graph, num_layers=2, num_item_layers=0)
    assert (model.num_hops, model.num_graph_hops) == (3, 1)


def test_a_modality_needs_no_partner():
    graph = bipartite_graph(modalities=("audio",))
    graph = KNNGraph(k=3, weight="uniform", merge=True)(CoInteractionGraph(k=3)(graph))
    encoding = DRAGON(graph, emb_dim=4)(graph)
    assert (encoding.user.shape, encoding.item.shape) == ((12, 4), (9, 4))
    del graph["item"].x_audio
    with pytest.raises(ValueError, match="at least one modality"):
        DRAGON(graph)
