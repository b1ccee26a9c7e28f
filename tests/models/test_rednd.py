"""RedND against its equations, written densely; the authors' own numbers are in test_golden_rednd.py."""

import pytest
import torch
import torch.nn.functional as F

from mmgraph.models import RedND
from mmgraph.transforms import KNNGraph
from tests.conftest import propagated


@pytest.fixture
def graph(graph):
    return KNNGraph(k=3)(graph)


def neighbors_matrix(graph, name, weight):
    edge_index, edge_weight = (
        graph["item", f"{name}_knn", "item"].edge_index,
        graph["item", f"{name}_knn", "item"].edge_weight,
    )
    value = edge_weight if weight == "cosine" else torch.full_like(edge_weight, 1 / 3)
    return torch.zeros(9, 9).index_put((edge_index[1], edge_index[0]), value)


@pytest.mark.parametrize("variant", ["official", "paper"])
@pytest.mark.parametrize(("num_layers", "num_item_layers"), [(1, 1), (3, 2)])
def test_equals_its_equations(graph, variant, num_layers, num_item_layers):
    model = RedND(
        graph, emb_dim=4, hidden_dim=5, num_layers=num_layers, num_item_layers=num_item_layers, variant=variant
    )
    encoding, users, items = model(graph), {}, {}
    for name in ("image", "text"):
        first, _, second = model.nodes.project.modality[name]
        projected = second(F.leaky_relu(first(graph["item"][f"x_{name}"]), 0.01))
        layers = propagated(graph, F.normalize(model.nodes.user[name]), F.normalize(projected), num_layers)
        users[name], items[name] = (sum(side) for side in zip(*layers, strict=True))  # Eq. 3
        mean = [sum(side) / num_layers for side in zip(*layers[1:], strict=True)]  # Eq. 9
        torch.testing.assert_close(encoding.views[f"neighbors.{name}"]["user"], mean[0], atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(encoding.views[f"neighbors.{name}"]["item"], mean[1], atol=1e-6, rtol=1e-5)
    weight = "cosine" if variant == "paper" else "uniform"
    smooth = sum(0.5 * neighbors_matrix(graph, name, weight) for name in items)  # Eq. 6
    if variant == "paper":
        user = torch.cat([0.5 * x for x in users.values()], dim=1)
        item = torch.cat([0.5 * x for x in items.values()], dim=1)
    else:
        user = torch.cat([model.user_weight[:, i : i + 1] * x for i, x in enumerate(users.values())], dim=1)
        item = torch.cat(list(items.values()), dim=1)
    torch.testing.assert_close(encoding.user, user, atol=1e-5, rtol=1e-5)
    expected = item + torch.linalg.matrix_power(smooth, num_item_layers) @ item  # Eq. 8
    torch.testing.assert_close(encoding.item, expected, atol=1e-5, rtol=1e-5)


def test_fixed_weights_of_the_item_graphs(graph):
    names = {"image": 0.1, "text": 0.9}
    model = RedND(graph, emb_dim=4, item_graph_weights=names)
    item = torch.randn(9, 8)
    expected = sum(w * neighbors_matrix(graph, name, "uniform") for name, w in names.items()) @ item
    torch.testing.assert_close(model.smooth(item, graph, list(names)), expected)


def test_user_weights_start_as_shares(graph):
    torch.testing.assert_close(RedND(graph).user_weight.sum(dim=1), torch.ones(12))
    assert RedND(graph, variant="paper")(graph).views["user_weight"] == {}


def test_wrong_settings_are_named(graph):
    with pytest.raises(ValueError, match="variant must be"):
        RedND(graph, variant="draft")
    with pytest.raises(ValueError, match="num_layers must be at least 1"):
        RedND(graph, num_layers=0)
    with pytest.raises(ValueError, match="leave them null"):
        RedND(graph, variant="paper", item_graph_weights={"image": 0.5, "text": 0.5})
    with pytest.raises(ValueError, match="name every modality"):
        RedND(graph, item_graph_weights={"image": 1.0})
