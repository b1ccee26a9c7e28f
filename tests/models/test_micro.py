"""MICRO's graphs are the weights' own; the authors' numbers are in test_golden_micro.py."""

import pytest
import torch
import torch.nn.functional as F

from mmgraph.models import MICRO
from mmgraph.nn import BipartitePropagation
from mmgraph.transforms import KNNGraph, knn_graph
from tests.conftest import bipartite_graph


@pytest.fixture
def graph(graph):
    return KNNGraph(k=3, weight="sym")(graph)


def test_ranking_mines_the_graphs_anew_from_the_weights(graph):
    model = MICRO(graph, emb_dim=4, knn_k=3, initial_share=0.1)
    trained_on = model.training_graph(graph, 0)
    with torch.no_grad():
        for parameter in model.project.parameters():
            parameter.copy_(torch.randn_like(parameter))
    ranked_on = model.inference_graph(trained_on)
    for name, z in model.project({name: x.detach() for name, x in model.features.items()}).items():
        found = ranked_on["item", f"{name}_learned", "item"].edge_index
        assert torch.equal(found, knn_graph(z.detach(), 3)[0])
    assert not torch.allclose(model(ranked_on).item, model(trained_on).item)
    torch.testing.assert_close(model(ranked_on).item, model(graph).item)


def test_each_modality_has_a_graph_of_its_own(graph):
    """Without text's graphs, the image's vectors are what they were; both are fused by the attention."""
    model = MICRO(graph, emb_dim=4, knn_k=3)
    encoding = model(graph)
    other = graph.clone()
    other["item", "text_knn", "item"].edge_weight.zero_()
    changed = model(other)
    torch.testing.assert_close(changed.views["modal.image"]["item"], encoding.views["modal.image"]["item"])
    assert not torch.allclose(changed.views["modal.text"]["item"], encoding.views["modal.text"]["item"])
    modal = {name: encoding.views[f"modal.{name}"]["item"] for name in ("image", "text")}
    alpha = model.attention(modal)
    fused = alpha[:, :1] * modal["image"] + alpha[:, 1:] * modal["text"]
    torch.testing.assert_close(encoding.views["fused"]["item"], fused)
    _, item = BipartitePropagation(2, norm="mean", self_loops=True)(model.user_table, model.item_table, graph)
    torch.testing.assert_close(encoding.item, item + F.normalize(fused, dim=-1))


@pytest.mark.parametrize(("num_layers", "num_item_layers", "hops"), [(2, 1, (2, 2)), (1, 2, (3, 3)), (4, 1, (4, 2))])
def test_how_far_it_reaches(graph, num_layers, num_item_layers, hops):
    model = MICRO(graph, num_layers=num_layers, num_item_layers=num_item_layers, knn_k=3)
    assert (model.num_hops, model.num_graph_hops) == hops


def test_items_need_a_modality():
    with pytest.raises(ValueError, match="at least one modality"):
        MICRO(bipartite_graph(modalities=()))
