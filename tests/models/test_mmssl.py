"""MMSSL where the authors' code is silent or wrong; their numbers are in test_golden.py."""

import pytest
import torch
from torch import nn
from torch.nn.functional import normalize

from mmgraph.losses import Adversary, Critic, InfoNCE
from mmgraph.losses.views import all_views
from mmgraph.models import MMSSL
from mmgraph.typing import Triplets
from tests.conftest import adjacency, bipartite_graph


def generated_edges(graph, name="image"):
    return graph["user", f"{name}_generated", "item"].edge_index


@pytest.mark.parametrize("modalities", [("audio",), ("a", "b", "c")])
def test_equals_its_equations(modalities):
    graph = bipartite_graph(modalities=modalities)
    model = MMSSL(graph, emb_dim=4, num_heads=2, num_layers=2, num_generated=2).eval()
    drawn = model.inference_graph(graph)
    to_user = adjacency(graph) / graph["user"].degree[:, None].clamp(min=1).sqrt()
    to_item = (adjacency(graph) / graph["item"].degree.clamp(min=1).sqrt()).T
    gathered = {"user": {}, "item": {}}
    modal = {"user": 0, "item": 0}
    for name in modalities:
        of_user = to_user @ model.project.modality[name](graph["item"][f"x_{name}"])
        modal = {"user": modal["user"] + normalize(of_user), "item": modal["item"] + normalize(to_item @ of_user)}
        links = torch.zeros(12, 9).index_put(tuple(generated_edges(drawn, name)), torch.ones(1))
        degree = [links.sum(dim).clamp(min=1).sqrt() for dim in (1, 0)]
        gathered["user"][name] = links / degree[0][:, None] @ model.item_table
        gathered["item"][name] = (links / degree[1]).T @ model.user_table
    start = [
        table + 0.36 * normalize(model.attention(gathered[side]))
        for side, table in (("user", model.user_table), ("item", model.item_table))
    ]
    first = to_user @ start[1]
    first_item = to_item @ first
    last = torch.softmax(to_user @ first_item, -1)
    user = (start[0] + first + last) / 3 + 0.55 * modal["user"]
    item = (start[1] + first_item + torch.softmax(to_item @ last, -1)) / 3 + 0.55 * modal["item"]
    encoding = model(drawn)
    torch.testing.assert_close(encoding.user, user, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(encoding.item, item, atol=1e-5, rtol=1e-5)


def test_a_user_is_never_given_what_it_has(graph):
    model = MMSSL(graph, emb_dim=4, num_generated=9)
    edges = generated_edges(model.inference_graph(graph))
    assert not adjacency(graph)[edges[0], edges[1]].any()
    assert edges.size(1) == 12 * 9 - int(adjacency(graph).sum())


def test_ranking_draws_the_edges_from_the_weights_not_from_training(graph):
    model = MMSSL(graph, emb_dim=4, num_generated=2)
    before = generated_edges(model.training_graph(graph, 0))
    with torch.no_grad():
        for parameter in model.project.parameters():
            parameter.copy_(torch.randn_like(parameter))
    after = generated_edges(model.inference_graph(graph))
    assert not torch.equal(before, after)
    assert torch.equal(after, generated_edges(model.train().inference_graph(model.training_graph(graph, 0))))


def test_without_generated_edges_it_gathers_over_the_interactions(graph):
    view = all_views(MMSSL(graph, emb_dim=4)(graph))["generated.text"]["user"]
    assert view.shape == (12, 4)
    assert view.any()


def test_without_items_to_add_no_modality_attends_and_the_contrast_has_nothing_to_say(graph):
    model = MMSSL(graph, emb_dim=4, num_generated=0, feature_rate=0).eval()
    assert model.inference_graph(graph) is graph
    encoding = model(graph)
    assert [all_views(encoding)[f"generated.{name}"] for name in ("image", "text")] == [{}, {}]
    torch.testing.assert_close(
        (encoding.user, encoding.item), model.propagation(model.user_table, model.item_table, graph)
    )
    one = torch.tensor([0])
    contrast = InfoNCE("generated.*", "final", nodes="user", tau=0.5)
    assert contrast(model, encoding, Triplets(one, one, one)).item() == 0


def test_the_critic_bends_as_told(graph):
    slopes = [m.negative_slope for m in MMSSL(graph, critic_slope=0.5).critic.modules() if isinstance(m, nn.LeakyReLU)]
    assert slopes == [0.5, 0.5]


def test_the_groups_move_against_each_other(graph):
    model, batch = MMSSL(graph, emb_dim=4), Triplets(torch.arange(6), torch.arange(6), torch.arange(6))
    encoding = model(model.training_graph(graph, 0))
    groups = model.parameter_groups()
    Critic("modal.*")(model, encoding, batch).backward(inputs=groups["critic"])
    assert all(p.grad is not None for p in groups["critic"])
    Adversary("modal.*")(model, encoding, batch).backward(inputs=groups["main"])
    assert model.project.modality["text"].weight.grad.any()


def test_a_lone_user_can_be_judged(graph):
    model, one = MMSSL(graph, emb_dim=4), torch.tensor([0])
    single = bipartite_graph(modalities=("text",))
    loss = Critic("modal.*")(MMSSL(single, emb_dim=4), MMSSL(single, emb_dim=4)(single), Triplets(one, one, one))
    assert loss.isfinite()
    assert Adversary("modal.*")(model, model(graph), Triplets(one, one, one)).isfinite()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_generated": -1}, "num_generated=-1"),
        ({"feature_dropout": 1.0}, r"in \[0, 1\)"),
        ({"emb_dim": 6}, "emb_dim=6 must be a multiple of num_heads=4"),
    ],
)
def test_numbers_out_of_range(graph, settings, message):
    with pytest.raises(ValueError, match=message):
        MMSSL(graph, **settings)
