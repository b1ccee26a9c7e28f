"""SimGCL against its equations, written densely; the authors' own numbers are in test_golden.py."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import SimGCL
from tests.conftest import propagated


def mean_of_layers(graph, model, refine):
    x, layers = (model.user_table, model.item_table), []
    for _ in range(model.propagation.num_layers):
        x = refine(propagated(graph, *x, 1)[-1])
        layers.append(x)
    return tuple(sum(side) / len(layers) for side in zip(*layers, strict=True))


@pytest.mark.parametrize("num_layers", [1, 3])
def test_equals_its_equations(graph, num_layers, monkeypatch):
    model = SimGCL(graph, emb_dim=4, num_layers=num_layers, noise=0.3)
    # Uniform numbers that can be drawn again: a fixed pattern for users and for items.
    monkeypatch.setattr(torch, "rand_like", lambda x: torch.linspace(0, 1, x.numel()).view_as(x) + 0.1)
    encoding = model(graph)

    def noisy(layer):
        uniform = (torch.rand_like(x) for x in layer)
        return tuple(x + 0.3 * x.sign() * n / n.norm(dim=1, keepdim=True) for x, n in zip(layer, uniform, strict=True))

    expected = mean_of_layers(graph, model, noisy)
    for name in ("first", "second"):
        assert all_views(encoding)[name].keys() == {"user", "item"}
        torch.testing.assert_close(tuple(all_views(encoding)[name].values()), expected, atol=1e-6, rtol=1e-5)
    plain = mean_of_layers(graph, model, lambda layer: layer)
    torch.testing.assert_close((encoding.user, encoding.item), plain, atol=1e-6, rtol=1e-5)


def test_noise_has_its_length_and_keeps_signs(graph):
    """With one layer a view is the clean encoding plus the noise; a node without edges has neither."""
    model = SimGCL(graph, emb_dim=4, num_layers=1, noise=0.05)
    encoding = model(graph)
    for side, clean in (("user", encoding.user), ("item", encoding.item)):
        for view in (all_views(encoding)["first"], all_views(encoding)["second"]):
            added = view[side] - clean
            expected = torch.where(graph[side].degree > 0, 0.05, 0.0)
            torch.testing.assert_close(added.norm(dim=1), expected, atol=1e-6, rtol=1e-5)
            assert (added * clean >= 0).all()
    assert not torch.equal(all_views(encoding)["first"]["user"], all_views(encoding)["second"]["user"])


def test_ranking_draws_nothing(graph):
    model = SimGCL(graph, emb_dim=4).eval()
    state = torch.get_rng_state()
    assert set(model(graph).views) == {"ego"}
    assert torch.equal(torch.get_rng_state(), state)


def test_settings_that_cannot_be(graph):
    with pytest.raises(ValueError, match="num_layers=0 must be at least 1"):
        SimGCL(graph, num_layers=0)
    with pytest.raises(ValueError, match="noise=-1 must be at least 0"):
        SimGCL(graph, noise=-1)
