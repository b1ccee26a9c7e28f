"""DiffMM's graphs, groups and settings; its authors' numbers are in test_golden.py."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import DiffMM
from mmgraph.nn import looped_round
from mmgraph.typing import Sides
from tests.conftest import adjacency, bipartite_graph


def small(graph, **settings):
    return DiffMM(graph, **{"emb_dim": 4, "hidden_dim": 8, "num_generated": 2, **settings})


def generated(graph, name="image"):
    return graph["user", f"{name}_generated", "item"]


def test_ranking_redraws_the_graph_from_the_weights_it_is_given(graph):
    model = small(graph)
    left_over = model.training_graph(graph, 0)
    best = {name: value.clone() for name, value in model.state_dict().items()}
    with torch.no_grad():
        for parameter in model.denoisers.parameters():
            parameter.copy_(torch.randn_like(parameter))
    later = generated(model.inference_graph(graph)).edge_index
    assert not torch.equal(later, generated(left_over).edge_index)
    model.load_state_dict(best)
    for start in (graph, left_over):
        assert torch.equal(generated(model.inference_graph(start)).edge_index, generated(left_over).edge_index)


def test_drawing_is_without_noise_or_dropout_whatever_the_mode(graph):
    model = small(graph, input_dropout=0.9)
    first = generated(model.train().inference_graph(graph))
    second = generated(model.eval().inference_graph(graph))
    assert torch.equal(first.edge_index, second.edge_index)
    assert torch.equal(first.edge_weight, second.edge_weight)


def test_weights_of_generated_edges_are_the_symmetric_norm_with_loops(graph):
    model = small(graph)
    drawn = model.inference_graph(graph)
    edges = generated(drawn).edge_index
    links = torch.zeros(12, 9).index_put(tuple(edges), torch.ones(edges.size(1)))
    full = torch.zeros(21, 21)
    full[:12, 12:], full[12:, :12] = links, links.T
    full += torch.eye(21)
    root = full.sum(1).rsqrt()
    x = torch.randn(21, 4)
    user, item = looped_round(Sides(x[:12], x[12:]), drawn, "image_generated")
    torch.testing.assert_close(torch.cat([user, item]), (root[:, None] * full * root) @ x)


def test_edge_dropout_leaves_weights_out_in_training_only(graph):
    model = small(graph, edge_dropout=0.5)
    weight = generated(model.training_graph(graph, 0)).edge_weight
    whole = generated(model.inference_graph(graph)).edge_weight
    assert (weight == 0).any()
    torch.testing.assert_close(weight[weight > 0], 2 * whole[weight > 0])
    assert (whole > 0).all()


def test_denoisers_see_each_user_once_on_their_own(graph):
    model = small(graph, batch_size=5)
    assert model.group_batches(graph, "main", 0) is None
    batches = list(model.group_batches(graph, "denoiser", 0))
    assert [batch.user.numel() for batch in batches] == [5, 5, 2]
    assert torch.cat([batch.user for batch in batches]).sort().values.tolist() == list(range(12))
    groups = model.parameter_groups()
    assert {name.split(".")[0] for name, p in model.named_parameters() if any(p is q for q in groups["denoiser"])} == {
        "denoisers"
    }
    assert sum(map(len, groups.values())) == len(list(model.parameters()))


@pytest.mark.parametrize("modalities", [("audio",), ("a", "b", "c")])
def test_without_generated_edges_only_the_interactions_speak(modalities):
    graph = bipartite_graph(modalities=modalities)
    model = small(graph)
    encoding = model(graph)
    assert all(all_views(encoding)[f"modal.{name}"] == {} for name in modalities)
    looped = torch.cat(
        [torch.cat([torch.eye(12), adjacency(graph)], 1), torch.cat([adjacency(graph).T, torch.eye(9)], 1)]
    )
    root = looped.sum(1).rsqrt()
    norm = root[:, None] * looped * root
    joined = 0
    for name in modalities:
        feature = torch.nn.functional.leaky_relu(model.project.modality[name](graph["item"][f"x_{name}"]), 0.2)
        first = norm @ torch.cat([model.user_table, torch.nn.functional.normalize(feature)])
        joined = joined + (first + norm @ torch.cat([first[:12], model.item_table])) / len(modalities)
    expected = joined + norm @ joined + 0.5 * torch.nn.functional.normalize(joined)
    torch.testing.assert_close(torch.cat([encoding.user, encoding.item]), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"projection": "mlp"}, "projection='mlp'"),
        ({"num_generated": 10}, r"num_generated=10 must be in 1\.\.9"),
        ({"edge_dropout": 1.0}, r"edge_dropout=1.0 in \[0, 1\)"),
        ({"input_dropout": 1.0}, r"dropout=1.0 must be in \[0, 1\)"),
        ({"num_steps": 0}, "num_steps=0 must be at least 1"),
    ],
)
def test_settings_out_of_range(graph, settings, message):
    with pytest.raises(ValueError, match=message):
        small(graph, **settings)
