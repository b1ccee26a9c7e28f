"""MMGCN against its equations, written densely; the authors' own numbers are in test_golden.py."""

import pytest
import torch
import torch.nn.functional as F

from mmgraph.models import MMGCN
from tests.conftest import adjacency, bipartite_graph


def expected_vectors(model, graph, combine):
    chosen = adjacency(graph)
    means = [side / side.sum(1, keepdim=True).clamp(min=1) for side in (chosen, chosen.T)]
    ids, total = (model.user_table, model.item_table), [0.0, 0.0]
    for name, layers in model.layers.items():
        item = graph["item"][f"x_{name}"]
        if name in model.project:
            item = model.project[name](item)
        x = [F.normalize(model.preference[name]), F.normalize(item)]
        for layer in layers:
            said = [side @ layer.message.weight.T for side in x]
            heard = [F.leaky_relu(mean @ other) for mean, other in zip(means, reversed(said), strict=True)]
            own = [F.leaky_relu(layer.own(side)) + identity for side, identity in zip(x, ids, strict=True)]
            both = [torch.cat(pair, dim=1) for pair in zip(heard, own, strict=True)]
            summed = [layer.combine(h) + o for h, o in zip(heard, own, strict=True)] if combine == "sum" else None
            x = [F.leaky_relu(side) for side in summed or [layer.combine(side) for side in both]]
        total = [a + b / len(model.layers) for a, b in zip(total, x, strict=True)]
    return total


@pytest.mark.parametrize("combine", ["concat", "sum"])
@pytest.mark.parametrize(("num_layers", "hidden_dim"), [(1, 256), (3, 4)])
@pytest.mark.parametrize("num_users", [7, 12])  # fewer and more than items
def test_equals_its_equations(num_users, num_layers, hidden_dim, combine):
    graph = bipartite_graph(num_users)
    model = MMGCN(graph, emb_dim=3, hidden_dim=hidden_dim, num_layers=num_layers, combine=combine)
    encoding = model(graph)
    torch.testing.assert_close([encoding.user, encoding.item], expected_vectors(model, graph, combine))


def test_only_long_features_are_projected(graph):
    """The image has 4 dimensions, the text 5."""
    model = MMGCN(graph, emb_dim=3, hidden_dim=4)
    assert list(model.project) == ["text"]
    assert {name: table.size(1) for name, table in model.preference.items()} == {"image": 4, "text": 4}


def test_ids_and_preferences_are_trained(graph):
    """In the authors' code and in MMRec's they are plain tensors, which no optimiser knows."""
    model = MMGCN(graph, emb_dim=3)
    encoding = model(graph)
    (encoding.user @ encoding.item.T).square().sum().backward()
    for table in (model.user_table, model.item_table, *model.preference.values()):
        assert isinstance(table, torch.nn.Parameter)
        assert table.grad.any()


def test_what_cannot_be(graph):
    with pytest.raises(ValueError, match="num_layers=0 must be at least 1"):
        MMGCN(graph, num_layers=0)
    with pytest.raises(ValueError, match="combine='mean' is not known; choose one of 'concat', 'sum'"):
        MMGCN(graph, combine="mean")
    with pytest.raises(ValueError, match="at least one modality"):
        MMGCN(bipartite_graph(modalities=()))
