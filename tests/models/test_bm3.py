"""BM3 against its equations, written densely; the authors' own numbers are in test_golden_bm3.py."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import BM3
from tests.conftest import bipartite_graph, propagated


@pytest.mark.parametrize("num_layers", [0, 1, 3])
def test_equals_its_equations(graph, num_layers):
    model = BM3(graph, emb_dim=4, num_layers=num_layers)
    layers = propagated(graph, model.user_table, model.item_table, num_layers)
    user, item = (sum(side) / (num_layers + 1) for side in zip(*layers, strict=True))
    item = item + model.item_table
    weight, bias = model.predictor.weight, model.predictor.bias
    encoding = model(graph)
    torch.testing.assert_close(all_views(encoding)["graph"], {"user": user, "item": item}, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(encoding.user, user @ weight.T + bias, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(encoding.item, item @ weight.T + bias, atol=1e-6, rtol=1e-5)
    for name in ("image", "text"):
        linear = model.project.modality[name]
        projected = graph["item"][f"x_{name}"] @ linear.weight.T + linear.bias
        expected = projected @ weight.T + bias
        torch.testing.assert_close(all_views(encoding)[f"online.{name}"]["item"], expected, atol=1e-6, rtol=1e-5)


def test_targets_are_the_vectors_with_some_numbers_missing_and_do_not_learn(graph):
    model = BM3(graph, emb_dim=16, dropout=0.25)
    views = all_views(model(graph))
    target = views["target"]["item"]
    assert not target.requires_grad
    kept = target != 0
    assert 0.65 < kept.float().mean() < 0.85
    torch.testing.assert_close(target[kept], views["graph"]["item"][kept] / 0.75)
    assert not views["target.text"]["item"].requires_grad
    assert not torch.equal(target, all_views(model(graph))["target"]["item"])


def test_ranking_needs_no_modality(graph):
    model = BM3(graph, emb_dim=4).eval()
    before = model(graph)
    assert sorted(before.views) == ["graph"]
    with torch.no_grad():
        model.features["text"].add_(1)
    assert torch.equal(model(graph).item, before.item)


@pytest.mark.parametrize("trainable", [True, False])
def test_features_are_trained_from_their_values_or_left_as_they_are(graph, trainable):
    model = BM3(graph, emb_dim=4, trainable_features=trainable)
    before = graph["item"].x_text.clone()
    all_views(model(graph))["online.text"]["item"].sum().backward()
    assert sorted(model.features) == (["image", "text"] if trainable else [])
    if trainable:
        assert torch.equal(model.features["text"].detach(), before)
        assert model.features["text"].grad.any()
    assert torch.equal(graph["item"].x_text, before)


def test_settings_that_cannot_be(graph):
    with pytest.raises(ValueError, match=r"dropout=1.0 must be in \[0, 1\)"):
        BM3(graph, dropout=1.0)
    with pytest.raises(ValueError, match="at least one modality"):
        BM3(bipartite_graph(modalities=()))
