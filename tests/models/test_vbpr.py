import pytest
import torch

from mmgraph.models import VBPR
from tests.conftest import bipartite_graph


def test_items_are_a_free_part_and_a_projected_part(graph):
    model = VBPR(graph, emb_dim=3)
    features = torch.cat([graph["item"].x_image, graph["item"].x_text], dim=1)
    projected = features @ model.project.weight.T + model.project.bias
    encoding = model(graph)
    torch.testing.assert_close(encoding.item, torch.cat([model.item_table, projected], dim=1))
    assert encoding.user.shape == (12, 6)


def test_features_in_half_precision_are_projected_as_if_they_were_not(graph):
    model = VBPR(graph, emb_dim=3)
    for name in ("x_image", "x_text"):
        graph["item"][name] = graph["item"][name].half()
    found = model(graph).item
    found.sum().backward()
    gradient = model.project.weight.grad.clone()
    model.zero_grad()
    for name in ("x_image", "x_text"):
        graph["item"][name] = graph["item"][name].float()
    expected = model(graph).item
    expected.sum().backward()
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(gradient, model.project.weight.grad, atol=1e-6, rtol=1e-6)


def test_items_without_any_modality_are_refused():
    with pytest.raises(ValueError, match="at least one modality"):
        VBPR(bipartite_graph(modalities=()))
