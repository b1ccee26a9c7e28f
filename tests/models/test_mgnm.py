"""MGNM against its equations, in numpy, on three users and four items."""

from pathlib import Path

import hydra.utils
import numpy as np
import pytest
import torch
from omegaconf import OmegaConf
from torch_geometric.data import HeteroData

from mmgraph.losses.views import all_views
from mmgraph.models import MGNM, LGMRec
from mmgraph.nn import HypergraphPropagation
from mmgraph.typing import Triplets
from tests.conftest import bipartite_graph

R = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 0, 0]])  # nobody chose the last item
BATCH = Triplets(torch.tensor([0, 1, 2]), torch.tensor([0, 2, 0]), torch.tensor([2, 0, 1]))
LOSS = Path(__file__).parents[2] / "conf" / "loss" / "mgnm.yaml"


@pytest.fixture
def tiny():
    edges = torch.tensor(np.array(R.nonzero()))
    graph = HeteroData(user={"degree": torch.tensor(R.sum(1)).float()}, item={"degree": torch.tensor(R.sum(0)).float()})
    graph["user"].num_nodes, graph["item"].num_nodes = R.shape
    graph["user", "interacts", "item"].edge_index = edges
    graph["item", "rev_interacts", "user"].edge_index = edges.flip(0)
    graph["item"].x_image, graph["item"].x_text = torch.randn(4, 5), torch.randn(4, 3)
    return graph


def built(graph, **settings):
    """A model whose logits are large enough for the memberships to differ."""
    model = MGNM(graph, emb_dim=4, num_layers=2, num_modal_layers=2, num_hyperedges=3, **settings).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.5)
    return model


def norm(x):
    length = np.linalg.norm(x, axis=1, keepdims=True)
    return x / np.maximum(length, 1e-12)


def softmax(x):
    z = np.exp(x - x.max(1, keepdims=True))
    return z / z.sum(1, keepdims=True)


def powers(start, num_layers):
    """Eq. 2 and 7, ``E^(l+1) = D^-1/2 A D^-1/2 E^l`` with the (p+q) x (p+q) matrix ``A = [[0, R], [R', 0]]``."""
    a = np.block([[np.zeros((3, 3)), R], [R.T, np.zeros((4, 4))]])
    inverse_root = np.diag([0 if d == 0 else d**-0.5 for d in a.sum(1)])
    layers = [start]
    for _ in range(num_layers):
        layers.append(inverse_root @ a @ inverse_root @ layers[-1])
    return layers


def expected(model, graph, **settings):
    """Every vector by the name of its view, ``[users; items]``, and the final ones."""
    weights = {name: x.detach().numpy().astype(float) for name, x in model.named_parameters()}
    ego = np.concatenate([weights["table.user"], weights["table.item"]])
    layers = powers(ego, 2)
    vectors = {"ego": ego, **{f"layer.{k}": x for k, x in enumerate(layers)}}
    local_id = sum(layers) / (1 if settings.get("combine") == "sum" else 3)  # Eq. 3
    local, global_, last = local_id, 0.0, 0.0
    for name in ("image", "text"):
        x = graph["item"][f"x_{name}"].numpy().astype(float)
        item = x @ weights[f"modal.project.modality.{name}.weight"].T  # Eq. 4
        user = R @ item / R.sum(1, keepdims=True)  # Eq. 5
        modal = powers(np.concatenate([user, item]), 2)  # Eq. 6-7
        vectors |= {f"modal_layer.{name}.{k}": x for k, x in enumerate(modal)}
        local = local + (norm(modal[-1]) if settings.get("modal_norm") != "sum" else 0)  # Eq. 8
        last = last + modal[-1]
        filtered = x
        if settings.get("hyperedges_from") != "raw":
            w1, b1, w2, b2 = (weights[f"gate.{name}.{part}"] for part in
                              ("expand.weight", "expand.bias", "reduce.weight", "reduce.bias"))  # fmt: skip
            moderate = x @ w1.T + b1  # Eq. 9
            filtered = weights["table.item"] / (1 + np.exp(-(moderate @ w2.T + b2)))  # Eq. 10
        h_item = filtered @ weights[f"hyperedge.{name}"]  # Eq. 11
        h_user = R @ h_item / (R.sum(1, keepdims=True) if settings.get("user_norm") == "mean" else 1)  # Eq. 12
        soft_item, soft_user = softmax(h_item / 0.2), softmax(h_user / 0.2)
        glob_item = soft_item @ soft_item.T @ local_id[3:]  # Eq. 13
        heard = soft_user.T @ local_id[:3] if settings.get("users_hear") == "users" else soft_item.T @ local_id[3:]
        glob_user = soft_user @ heard  # Eq. 14
        vectors[f"hyper.{name}"] = np.concatenate([glob_user, glob_item])
        global_ = global_ + vectors[f"hyper.{name}"]  # Eq. 15
    if settings.get("modal_norm") == "sum":
        local = local + norm(last)
    times = 2 if settings.get("global_terms") == "modalities" else 1
    vectors["final"] = local + times * settings.get("alpha", 0.3) * norm(global_)  # Eq. 17
    return vectors


SETTINGS = [{}, {"alpha": 2}, {"combine": "sum"}, {"user_norm": "mean"}, {"hyperedges_from": "raw"},
            {"users_hear": "users"}, {"modal_norm": "sum"}, {"global_terms": "modalities"},
            {"hyperedges_from": "raw", "users_hear": "users", "combine": "sum"}]  # fmt: skip


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_equals_eq_2_to_17(tiny, settings):
    model = built(tiny, **settings)
    encoding = model(tiny)
    views = all_views(encoding)
    vectors = expected(model, tiny, **settings)
    assert views.keys() == vectors.keys()
    for name, view in views.items():
        got = torch.cat([view["user"], view["item"]]).detach().numpy()
        np.testing.assert_allclose(got, vectors[name], atol=1e-5, err_msg=name)


@pytest.mark.parametrize("settings", SETTINGS[1:], ids=str)
def test_every_setting_makes_a_difference(tiny, settings):
    torch.manual_seed(1)
    plain = built(tiny)
    torch.manual_seed(1)
    other = built(tiny, **settings)
    assert not torch.allclose(plain(tiny).user, other(tiny).user, atol=1e-4)


def test_on_raw_features_it_is_lgmrec(tiny):
    """Whose numbers are those of its authors' code (test_golden_lgmrec.py)."""
    model, other = built(tiny, hyperedges_from="raw"), LGMRec(tiny, emb_dim=4, num_hyperedges=3).eval()
    other.load_state_dict(model.state_dict())
    for mine, theirs in zip(model(tiny)[:2], other(tiny)[:2], strict=True):
        torch.testing.assert_close(mine, theirs)


def p_cov(x):
    """Eq. 20-22."""
    centered = x - x.mean(0)
    cov = centered.T @ centered
    deviation = np.sqrt(np.diag(cov))
    return np.linalg.norm(cov / np.outer(deviation, deviation) - np.eye(x.shape[1])) / np.sqrt(2)


def dynamic(layers):
    """Eq. 23-25: ``sum_l mu^l p^l`` with ``mu^l = (1 / p^l) / sum_k 1 / p^k``, users and items apart."""
    sides = [[p_cov(x[:3]) for x in layers], [p_cov(x[3:]) for x in layers]]
    return sum(sum((1 / p) / sum(1 / q for q in side) * p for p in side) for side in sides)


def contrast(first, second, nodes):
    """Eq. 16, over the batch's nodes, each once for every time it is there."""
    similarity = norm(first) @ norm(second).T / 0.2
    return sum(-np.log(np.exp(similarity[a, a]) / np.exp(similarity[a]).sum()) for a in nodes)


def test_losses_equal_eq_16_to_26(tiny):
    model = built(tiny)
    objective = hydra.utils.instantiate(OmegaConf.load(LOSS))
    got = {name: value.item() for name, value in objective(model, model(tiny), BATCH).items()}
    v = expected(model, tiny)
    users, positives, negatives = (rows.numpy() for rows in BATCH[:3])
    final_user, final_item = v["final"][:3], v["final"][3:]
    margin = (final_user[users] * (final_item[positives] - final_item[negatives])).sum(1)
    ego = v["ego"][np.concatenate([users, 3 + positives, 3 + negatives])]
    hyper = [(v["hyper.image"][rows], v["hyper.text"][rows]) for rows in (slice(0, 3), slice(3, 7))]
    modal = (dynamic([v[f"modal_layer.{name}.{k}"] for k in range(3)]) for name in ("image", "text"))
    assert got == pytest.approx({
        "bpr": np.log(1 + np.exp(-margin)).mean(),  # Eq. 19, a mean
        "hcl": 1e-4 * (contrast(*hyper[0], users) + contrast(*hyper[1], positives)),
        "ddr": 1e-4 * dynamic([v[f"layer.{k}"] for k in range(3)]),
        "ddr_mm": 1e-4 * sum(modal),
        "reg": 1e-6 * (ego**2).sum() / 3,
    }, rel=1e-4)  # fmt: skip


def test_one_modality_has_nothing_to_contrast():
    graph = bipartite_graph(modalities=("audio",))
    model = MGNM(graph, emb_dim=8)
    losses = hydra.utils.instantiate(OmegaConf.load(LOSS))(model, model(graph), BATCH)
    assert losses["hcl"].item() == 0
    assert losses["ddr_mm"].item() > 0


@pytest.mark.parametrize(("source", "shape"), [("gated", (64, 4)), ("raw", (5, 4))])
def test_transformation_vectors_fit_what_they_multiply(tiny, source, shape):
    """B x D on gated behaviour; B x d_m, as printed, on features, and then there is no gate (ADR 0006)."""
    model = MGNM(tiny, hyperedges_from=source)
    assert model.hyperedge["image"].shape == shape
    assert set(model.gate) == ({"image", "text"} if source == "gated" else set())
    model(tiny).user.square().sum().backward()
    assert not [key for key, parameter in model.named_parameters() if parameter.grad is None]


def test_settings_reach_the_hypergraph(tiny):
    model = MGNM(tiny, num_hyper_layers=3, tau=0.7, dropout=0.1, noise="logistic", gate_expansion=2, emb_dim=8)
    block = model.hypergraph
    assert isinstance(block, HypergraphPropagation)
    assert (block.num_layers, block.assign.tau, block.dropout.p, block.assign.noise) == (3, 0.7, 0.1, "logistic")
    assert model.gate["text"].expand.weight.shape == (16, 3)


def test_noise_in_training_only(tiny):
    model = built(tiny)
    assert torch.equal(model(tiny).user, model(tiny).user)
    model.train()
    assert not torch.equal(model(tiny).user, model(tiny).user)
    assert torch.equal(all_views(model(tiny))["layer.2"]["user"], all_views(model(tiny))["layer.2"]["user"])


def test_without_propagation_the_local_part_is_the_table(tiny):
    encoding = MGNM(tiny, num_layers=0)(tiny)
    assert [name for name in encoding.views if name.startswith("layer.")] == ["layer.0"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"combine": "max"}, "combine='max' is not known; choose one of 'mean', 'sum'"),
        ({"hyperedges_from": "features"}, "hyperedges_from='features' is not known; choose one of 'gated', 'raw'"),
        ({"users_hear": "all"}, "users_hear='all' is not known; choose one of 'items', 'users'"),
        ({"modal_norm": "both"}, "modal_norm='both' is not known; choose one of 'each', 'sum'"),
        ({"global_terms": "twice"}, "global_terms='twice' is not known; choose one of 'once', 'modalities'"),
        ({"gate_expansion": 0}, "expansion=0 must be at least 1"),
    ],
)
def test_unknown_settings_are_named(tiny, settings, message):
    with pytest.raises(ValueError, match=message):
        MGNM(tiny, **settings)


def test_items_without_any_modality():
    with pytest.raises(ValueError, match="at least one modality"):
        MGNM(bipartite_graph(modalities=()))
