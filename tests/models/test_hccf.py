"""HCCF against its equations, written densely; the authors' own numbers are in test_golden.py."""

import pytest
import torch
import torch.nn.functional as F

from mmgraph.losses import InfoNCE
from mmgraph.losses.views import all_views
from mmgraph.models import HCCF
from mmgraph.typing import INTERACTS, Triplets
from tests.conftest import propagated

OFFICIAL = {"membership_scale": 1}
SPARSE = {"membership_scale": 0.5}
PAPER = {"membership_scale": 1, "num_mixing_layers": 2, "slope": 0.5, "residual": True}


def expected_layers(model, graph, *, num_layers, slope, mixing, residual, scale):
    """(sum of all layers, local and global parts by layer), users over items."""
    ego = [model.user_table, model.item_table]
    last, total, parts = ego, list(ego), []
    for layer in range(num_layers):
        local = [F.leaky_relu(x, slope) for x in propagated(graph, *last, 1)[1]]
        shared = []
        for side, x, start in zip(("user", "item"), last, ego, strict=True):
            incidence = scale * start @ model.hyperedge[side]
            hyperedge = F.leaky_relu(incidence.T @ x, slope)
            for weight in list(model.mixing[f"{side}_{layer}"].weights)[:mixing]:
                hyperedge = F.leaky_relu(weight @ hyperedge, slope) + hyperedge
            shared.append(F.leaky_relu(incidence @ hyperedge, slope))
        kept = last if residual else [0.0, 0.0]
        last = [a + b + c for a, b, c in zip(local, shared, kept, strict=True)]
        total = [a + b for a, b in zip(total, last, strict=True)]
        parts.append((local, shared))
    return total, parts


@pytest.mark.parametrize("settings", [OFFICIAL, SPARSE, PAPER], ids=["official", "sparse", "paper"])
@pytest.mark.parametrize("num_layers", [1, 3])
def test_equals_its_equations(graph, settings, num_layers):
    model = HCCF(graph, emb_dim=4, num_hyperedges=5, num_layers=num_layers, **settings).eval()
    encoding = model(graph)
    mixing, slope = settings.get("num_mixing_layers", 0), settings.get("slope", 1.0)
    form = {"mixing": mixing, "slope": slope, "residual": settings.get("residual", False)}
    form["scale"] = settings["membership_scale"]
    total, parts = expected_layers(model, graph, num_layers=num_layers, **form)
    torch.testing.assert_close([encoding.user, encoding.item], total)
    for layer, (local, shared) in enumerate(parts):
        torch.testing.assert_close(list(all_views(encoding)[f"local.{layer}"].values()), local)
        torch.testing.assert_close(list(all_views(encoding)[f"global.{layer}"].values()), shared)


def test_contrast_teaches_the_global_side_only(graph):
    model = HCCF(graph, emb_dim=4, num_hyperedges=5, num_layers=1)
    encoding = model(graph)
    user, item = graph[INTERACTS].edge_index
    term = InfoNCE("local.*", "global.*", tau=0.2, anchors="batch", candidates="batch")
    term(model, encoding, Triplets(user, item, item)).backward()
    assert all(weight.grad.any() for weight in model.hyperedge.values())
    assert not any(x.requires_grad for x in all_views(encoding)["local.0"].values())


def test_each_step_drops_something_else_and_ranking_nothing(graph):
    model = HCCF(graph, emb_dim=4)
    assert not torch.equal(model(graph).user, model(graph).user)
    model.eval()
    assert torch.equal(model(graph).user, model(graph).user)


def test_what_cannot_be(graph):
    with pytest.raises(ValueError, match="num_layers=0 must be at least 1"):
        HCCF(graph, num_layers=0)
    with pytest.raises(ValueError, match="must be at least 0 and below 1"):
        HCCF(graph, dropout=1)
