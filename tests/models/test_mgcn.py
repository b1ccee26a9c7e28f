"""MGCN against its equations, written densely; the authors' own numbers are in test_golden.py."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import MGCN
from mmgraph.transforms import KNNGraph
from tests.conftest import bipartite_graph, propagated

KNN = KNNGraph(k=3, weight="sym")


@pytest.fixture
def graph(graph):
    return KNN(graph)


def purified(model, graph, name):
    """Items of one modality after the gate and the item graph."""
    gate, store = model.purifier[name], graph["item", f"{name}_knn", "item"]
    passed = torch.sigmoid(gate.reduce(gate.expand(graph["item"][f"x_{name}"]))) * model.item_table
    similar = torch.zeros(9, 9).index_put((store.edge_index[1], store.edge_index[0]), store.edge_weight)
    return torch.linalg.matrix_power(similar, model.smooth.num_layers) @ passed


def expected_side(model, content, by_modality):
    """The fuser, node by node."""
    rows = []
    for node in range(content.size(0)):
        x = {name: table[node] for name, table in by_modality.items()}
        logits = [model.attention.query(torch.tanh(model.attention.hidden(v))) for v in x.values()]
        alpha = torch.softmax(torch.cat(logits), dim=0)
        common = sum(a * v for a, v in zip(alpha, x.values(), strict=True))
        apart = [torch.sigmoid(model.preference[name](content[node])) * (v - common) for name, v in x.items()]
        rows.append((common + sum(apart)) / (1 + len(x)))
    return torch.stack(rows)


@pytest.mark.parametrize("modalities", [("image", "text"), ("audio",), ("a", "b", "c")])
@pytest.mark.parametrize(("num_layers", "num_item_layers"), [(2, 1), (0, 2), (3, 0)])
def test_equals_its_equations(modalities, num_layers, num_item_layers):
    graph = KNN(bipartite_graph(modalities=modalities))
    model = MGCN(graph, emb_dim=4, num_layers=num_layers, num_item_layers=num_item_layers)
    layers = propagated(graph, model.user_table, model.item_table, num_layers)
    content = [sum(side) / (num_layers + 1) for side in zip(*layers, strict=True)]
    items = {name: purified(model, graph, name) for name in modalities}
    users = {name: propagated(graph, model.user_table, item, 1)[1][0] for name, item in items.items()}
    encoding = model(graph)
    for side, mean, by_modality in zip(("user", "item"), content, (users, items), strict=True):
        expected = expected_side(model, mean, by_modality)
        torch.testing.assert_close(all_views(encoding)["side"][side], expected, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(getattr(encoding, side), mean + expected, atol=1e-5, rtol=1e-5)


def test_what_all_modalities_say_alike_needs_no_preference(graph):
    """Equal modalities leave nothing of their own: a third of what they say is added, whatever the gates."""
    model, x = MGCN(graph, emb_dim=4), torch.randn(9, 4)
    for content in (torch.zeros(9, 4), 10 * torch.randn(9, 4)):
        torch.testing.assert_close(model.fuse({"image": x, "text": x}, content), x / 3)


def test_how_far_it_reaches(graph):
    for num_layers, num_item_layers, hops in ((2, 1, (2, 2)), (1, 2, (3, 3)), (3, 1, (3, 2))):
        model = MGCN(graph, num_layers=num_layers, num_item_layers=num_item_layers)
        assert (model.num_hops, model.num_graph_hops) == hops


@pytest.mark.parametrize("trainable", [True, False])
def test_features_are_trained_from_their_values_or_left_as_they_are(graph, trainable):
    model = MGCN(graph, emb_dim=4, trainable_features=trainable)
    assert sorted(model.features) == (["image", "text"] if trainable else [])
    before = graph["item"].x_image.clone()
    model(graph).user.sum().backward()
    if trainable:
        assert torch.equal(model.features["image"].detach(), before)
        assert model.features["image"].grad.any()
    assert torch.equal(graph["item"].x_image, before)


def test_items_need_a_modality():
    with pytest.raises(ValueError, match="MGCN needs items with at least one modality"):
        MGCN(bipartite_graph(modalities=()))
