"""NCL against its equations, written densely; the authors' own numbers are in test_golden.py."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import NCL
from tests.conftest import propagated


@pytest.mark.parametrize(("num_layers", "structure_layer"), [(3, 2), (1, 2), (2, 4)])
def test_equals_its_equations(graph, num_layers, structure_layer):
    model = NCL(graph, emb_dim=4, num_layers=num_layers, structure_layer=structure_layer)
    encoding = model(graph)
    layers = propagated(graph, model.user_table, model.item_table, max(num_layers, structure_layer))
    mean = tuple(sum(side) / (num_layers + 1) for side in zip(*layers[: num_layers + 1], strict=True))
    torch.testing.assert_close((encoding.user, encoding.item), mean, atol=1e-6, rtol=1e-5)
    found = tuple(all_views(encoding)["structure"].values())
    torch.testing.assert_close(found, layers[structure_layer], atol=1e-6, rtol=1e-5)
    assert all_views(encoding)["ego"] == {"user": model.user_table, "item": model.item_table}


def test_clusters_after_the_warm_up(graph):
    model = NCL(graph, emb_dim=4, num_clusters=3, warm_up=2)
    assert model.training_graph(graph, 1) is graph
    assert all_views(model(graph))["cluster"] == all_views(model(graph))["centroid"] == {}
    clustered = model.training_graph(graph, 2)
    views = all_views(model(clustered))
    for side, table in (("user", model.user_table), ("item", model.item_table)):
        assert views["centroid"][side].shape == (3, 4)
        assert not views["centroid"][side].requires_grad
        nearest = torch.cdist(table, views["centroid"][side]).argmin(1)
        assert torch.equal(views["cluster"][side], nearest)
    assert "cluster" not in graph["user"], "the graph given stays as it is"
    assert "user_centroid" not in graph


def test_clusters_follow_the_weights(graph):
    model = NCL(graph, emb_dim=4, num_clusters=3, warm_up=0)
    with torch.no_grad():
        model.user_table.add_(100.0)
    assert (model.training_graph(graph, 0).user_centroid > 90).all()


def test_of_few_nodes_each_is_a_cluster(graph):
    clustered = NCL(graph, emb_dim=4, warm_up=0).training_graph(graph, 0)
    assert clustered.item_centroid.shape == (9, 4)
    assert clustered["item"].cluster.unique().numel() == 9


def test_ranking_looks_for_no_clusters(graph):
    model = NCL(graph, emb_dim=4, warm_up=0).eval()
    assert model.inference_graph(graph) is graph
    assert all_views(model(graph))["cluster"] == {}


@pytest.mark.parametrize("structure_layer", [0, 1, 3])
def test_layers_of_the_other_kind_of_node(graph, structure_layer):
    with pytest.raises(ValueError, match=rf"structure_layer={structure_layer} must be 2, 4, \.\.\."):
        NCL(graph, structure_layer=structure_layer)
