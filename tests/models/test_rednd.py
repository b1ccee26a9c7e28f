"""RedND against its equations, written densely; the authors' own numbers are in test_golden_rednd.py."""

import hydra.utils
import pytest
import torch
import torch.nn.functional as F

from mmgraph.config.compose import compose_config
from mmgraph.losses.views import all_views
from mmgraph.models import RedND
from mmgraph.transforms import KNNGraph
from mmgraph.typing import Triplets
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


def drawn_shares(model):
    """Gives both attentions of the paper's reading weights that differ; returns their softmax."""
    shares = {}
    for name in ("item_graph_attention", "attention"):
        logit = getattr(model, name).logit
        torch.nn.init.normal_(logit)
        shares[name] = (logit.detach().exp() / logit.detach().exp().sum()).tolist()
    return shares


@pytest.mark.parametrize("variant", ["official", "paper"])
@pytest.mark.parametrize(("num_layers", "num_item_layers"), [(1, 1), (3, 2), (2, 0)])
def test_equals_its_equations(graph, variant, num_layers, num_item_layers):
    model = RedND(
        graph, emb_dim=4, hidden_dim=5, num_layers=num_layers, num_item_layers=num_item_layers, variant=variant
    )
    shares = drawn_shares(model) if variant == "paper" else {}
    encoding, users, items = model(graph), {}, {}
    for name in ("image", "text"):
        first, _, second = model.nodes.project.modality[name]
        projected = second(F.leaky_relu(first(graph["item"][f"x_{name}"]), 0.01))
        layers = propagated(graph, F.normalize(model.nodes.user[name]), F.normalize(projected), num_layers)
        users[name], items[name] = (sum(side) for side in zip(*layers, strict=True))  # Eq. 3
        mean = [sum(side) / num_layers for side in zip(*layers[1:], strict=True)]  # Eq. 9
        torch.testing.assert_close(all_views(encoding)[f"neighbors.{name}"]["user"], mean[0], atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(all_views(encoding)[f"neighbors.{name}"]["item"], mean[1], atol=1e-6, rtol=1e-5)
    weight = "cosine" if variant == "paper" else "uniform"
    of_graph, of_vector = shares.get("item_graph_attention", [0.5, 0.5]), shares.get("attention")
    smooth = sum(
        share * neighbors_matrix(graph, name, weight) for share, name in zip(of_graph, items, strict=True)
    )  # Eq. 6
    if variant == "paper":
        user = torch.cat([share * x for share, x in zip(of_vector, users.values(), strict=True)], dim=1)
        item = torch.cat([share * x for share, x in zip(of_vector, items.values(), strict=True)], dim=1)
    else:
        user = torch.cat([model.user_weight[:, i : i + 1] * x for i, x in enumerate(users.values())], dim=1)
        item = torch.cat(list(items.values()), dim=1)
    torch.testing.assert_close(encoding.user, user, atol=1e-5, rtol=1e-5)
    if num_item_layers:
        item = item + torch.linalg.matrix_power(smooth, num_item_layers) @ item  # Eq. 8
    torch.testing.assert_close(encoding.item, item, atol=1e-5, rtol=1e-5)


def test_fixed_weights_of_the_item_graphs(graph):
    names = {"image": 0.1, "text": 0.9}
    model = RedND(graph, emb_dim=4, item_graph_weights=names)
    item = torch.randn(9, 8)
    expected = sum(w * neighbors_matrix(graph, name, "uniform") for name, w in names.items()) @ item
    torch.testing.assert_close(model.smooth(item, graph, list(names)), expected)


def test_user_weights_start_as_shares(graph):
    torch.testing.assert_close(RedND(graph).user_weight.sum(dim=1), torch.ones(12))
    assert all_views(RedND(graph, variant="paper")(graph))["user_weight"] == {}


def test_wrong_settings_are_named(graph):
    with pytest.raises(ValueError, match="variant must be"):
        RedND(graph, variant="draft")
    with pytest.raises(ValueError, match="num_layers must be at least 1"):
        RedND(graph, num_layers=0)
    with pytest.raises(ValueError, match="leave them null"):
        RedND(graph, variant="paper", item_graph_weights={"image": 0.5, "text": 0.5})
    with pytest.raises(ValueError, match="name every modality"):
        RedND(graph, item_graph_weights={"image": 1.0})


def test_the_ablation_for_the_text_changes_model_and_loss(graph):
    """-ln sigmoid of the margin and lambda ||P_u||^2 per triplet; the code has log2 and a mean over elements."""
    cfg = compose_config(["model=rednd", "ablation=rednd-paper", "loss.terms.align.weight=0"])
    model = RedND(graph, emb_dim=4, variant=cfg.model.variant)
    batch = Triplets(torch.tensor([0, 1]), torch.tensor([0, 2]), torch.tensor([2, 0]))
    encoding = model(graph)
    losses = hydra.utils.instantiate(cfg.loss)(model, encoding, batch)
    margin = (encoding.user[:2] * (encoding.item[batch.pos_item] - encoding.item[batch.neg_item])).sum(1)
    squares = sum(model.nodes.user[name][:2].square().sum() for name in ("image", "text"))
    assert losses.keys() == {"bpr", "reg"}
    torch.testing.assert_close(losses["bpr"], F.softplus(-margin).mean())
    torch.testing.assert_close(losses["reg"], 1e-3 * squares / 2)
