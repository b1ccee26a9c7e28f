import numpy as np
import pytest
import torch

from mmgraph.losses import LayerDecorrelation, feature_decorrelation
from mmgraph.typing import Encoding, Triplets

ROWS = {"user": 6, "item": 8}
NAMES = ["layer.0", "layer.1", "layer.2", "modal_layer.text.0", "modal_layer.text.1", "modal_layer.image.0",
         "modal_layer.image.1"]  # fmt: skip


@pytest.fixture
def layers():
    views = {
        name: {side: torch.randn(rows, 3, dtype=torch.float64, requires_grad=True) for side, rows in ROWS.items()}
        for name in NAMES
    }
    return Encoding(torch.zeros(6, 3).double(), torch.zeros(8, 3).double(), {"ego": views["layer.0"], **views})


def correlation(x):
    """Eq. 20-22."""
    centered = x.detach().numpy() - x.detach().numpy().mean(0)
    cov = centered.T @ centered
    deviation = np.sqrt(np.diag(cov))
    return np.linalg.norm(cov / np.outer(deviation, deviation) - np.eye(len(cov))) / np.sqrt(2)


def weighted(encoding, names):
    """Eq. 23-25, sum over l of mu^l p^l, for users and for items."""
    total = 0.0
    for side in ROWS:
        p = np.array([correlation(encoding.views[name][side]) for name in names])
        mu = (1 / p) / (1 / p).sum()
        assert mu.sum() == pytest.approx(1)
        total += (mu * p).sum()
    return total


def value(encoding, batch, model, of, **settings):
    return LayerDecorrelation(of, **settings)(model, encoding, batch)


@pytest.mark.parametrize("detach", [True, False])
def test_equals_eq_20_to_25(layers, batch, model, detach):
    got = value(layers, batch, model, "layer.*", detach=detach).item()
    assert got == pytest.approx(weighted(layers, NAMES[:3]))


def test_each_modality_has_its_own_weights(layers, batch, model):
    expected = weighted(layers, NAMES[3:5]) + weighted(layers, NAMES[5:])
    assert value(layers, batch, model, "modal_layer.*").item() == pytest.approx(expected)
    assert expected != pytest.approx(weighted(layers, NAMES[3:]))
    assert value(layers, batch, model, "modal_layer.text.*").item() == pytest.approx(weighted(layers, NAMES[3:5]))


@pytest.mark.parametrize("first", [0, 1, 2])
def test_layers_below_the_first_one_are_left_out(layers, batch, model, first):
    got = value(layers, batch, model, "layer.*", first_layer=first)
    assert got.item() == pytest.approx(weighted(layers, NAMES[first:3]))
    got.backward()
    assert (layers.views["layer.0"]["user"].grad is None) == (first > 0)


def test_gradients_with_weights_as_constants_or_not(layers, batch, model):
    """Not detached, the sum is the harmonic form n / sum(1/p), which pulls hardest where p is small already."""
    xs = [layers.views[name]["user"] for name in NAMES[:3]]
    p = torch.stack([feature_decorrelation(x) for x in xs])
    constant = ((1 / p) / (1 / p).sum()).detach()
    for detach, own in ((True, (constant * p).sum()), (False, 3 / (1 / p).sum())):
        got = torch.autograd.grad(value(layers, batch, model, "layer.*", detach=detach), xs)
        torch.testing.assert_close(got, torch.autograd.grad(own, xs, retain_graph=True))


@pytest.mark.parametrize("detach", [True, False])
def test_layers_that_are_not_correlated_at_all(batch, model, detach):
    """p = 0 has no inverse; the layer takes all the weight and the value is zero."""
    flat = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]], requires_grad=True)
    other = torch.randn(4, 2, requires_grad=True)
    views = {"layer.0": {"user": flat}, "layer.1": {"user": other}}
    got = value(Encoding(flat, flat, views), batch, model, "layer.*", detach=detach)
    got.backward()
    assert 0 <= got.item() < 1e-30
    assert flat.grad.isfinite().all()
    assert other.grad.isfinite().all()


def test_only_the_exact_rows_of_a_subgraph_count(layers, batch, model):
    seeds = {"user": torch.tensor([5, 0, 1, 2]), "item": torch.tensor([1, 2, 3, 6, 7])}
    cut = {name: {side: x[seeds[side]] for side, x in view.items()} for name, view in layers.views.items()}
    got = value(layers, batch._replace(nodes=seeds), model, "layer.*")
    torch.testing.assert_close(got, value(layers._replace(views=cut), batch, model, "layer.*"))


def test_one_side_and_views_not_there_yet(layers, model):
    one = torch.tensor([0])
    batch = Triplets(one, one, one)
    users = {name: {"user": view["user"]} for name, view in layers.views.items()}
    items = {name: {"item": view["item"]} for name, view in layers.views.items()}
    parts = [value(layers._replace(views=views), batch, model, "layer.*") for views in (users, items)]
    torch.testing.assert_close(sum(parts), value(layers, batch, model, "layer.*"))
    empty = {name: {} for name in layers.views}
    assert value(layers._replace(views=empty), batch, model, "layer.*").item() == 0


def test_what_is_no_layer_is_named(layers, batch, model):
    with pytest.raises(KeyError, match=r"view 'ego' has no layer number"):
        value(layers, batch, model, "ego")
    with pytest.raises(KeyError, match=r"no view matches 'level\.\*'"):
        value(layers, batch, model, "level.*")
    with pytest.raises(KeyError, match="finds no layer from first_layer=3 on"):
        value(layers, batch, model, "layer.*", first_layer=3)
    with pytest.raises(ValueError, match="first_layer=-1 must be at least 0"):
        LayerDecorrelation("layer.*", first_layer=-1)
