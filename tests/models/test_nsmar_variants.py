"""The variants of NSMAR+; its equations are worked out in test_nsmar.py."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import NSMAR
from mmgraph.transforms import CoInteractionGraph, KNNGraph
from tests.conftest import bipartite_graph
from tests.models.test_nsmar import PRINTED, WORDS


@pytest.fixture
def real_graph(graph):
    return KNNGraph(k=3, merge=True)(CoInteractionGraph(k=4)(graph))


VARIANTS = [
    {"alignment": "mlp"},
    {"alignment": "matrix"},
    {"alignment": "none"},
    {"num_layers": 0},
    {"num_graph_layers": 0},
    {"num_graph_layers": 0, "num_layers": 0, "alignment": "none"},
    {"scorer": "pair"},
    {"scorer": "dot"},
    {"norm": "mean", "layer_weight": True},
    PRINTED,
    PRINTED | {"alignment": "matrix"},
    dict(WORDS.model),
    {"score_scale": 4},
    {"item_ids": False},
    {"hidden_dim": None, "num_graph_layers": 2, "num_layers": 1},
]


@pytest.mark.parametrize("options", VARIANTS, ids=str)
def test_every_parameter_learns_in_every_variant(options, real_graph):
    model = NSMAR(real_graph, emb_dim=8, **options)
    encoding = model(model.training_graph(real_graph, 0))
    user, item = torch.arange(12), torch.stack([torch.arange(12) % 9, torch.arange(5, 17) % 9], dim=1)
    scores = model.score_pairs(encoding, user, item)
    torch.nn.functional.softplus(scores[:, 1] - scores[:, 0]).sum().backward()
    assert not [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    torch.testing.assert_close(model.score(encoding, user).gather(1, item), scores, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("alignment", ["matrix", "none"])
def test_only_perceptrons_can_take_the_place_of_what_they_read(alignment, real_graph):
    with pytest.raises(ValueError, match=f"residual=False is for alignment='mlp', got alignment='{alignment}'"):
        NSMAR(real_graph, alignment=alignment, residual=False)


@pytest.mark.parametrize(
    ("modalities", "normalize", "scale"),
    [(("text",), True, 2), (("text",), False, 1), (("image", "text"), True, 1), (("a", "b", "c"), True, 1)],
)
def test_one_modality_may_score_as_high_as_two(modalities, normalize, scale):
    graph = bipartite_graph(modalities=modalities)
    weights = NSMAR(graph, emb_dim=4, num_graph_layers=0, normalize=normalize)
    plain = NSMAR(graph, emb_dim=4, num_graph_layers=0, normalize=normalize, score_scale=1)
    plain.load_state_dict(weights.state_dict())
    users = torch.arange(3)
    scores = [model.score(model(graph), users) for model in (weights, plain)]
    torch.testing.assert_close(scores[0], scale * scores[1])


@pytest.mark.parametrize("scale", [0, -1.0])
def test_a_factor_of_the_scores_is_positive(scale, real_graph):
    with pytest.raises(ValueError, match=f"score_scale={scale} must be above 0"):
        NSMAR(real_graph, score_scale=scale)


def test_ablations_take_away_what_they_say(real_graph):
    bare = NSMAR(real_graph, num_graph_layers=0, num_layers=0, alignment="none", scorer="dot")
    assert {name.split(".")[0] for name, _ in bare.named_parameters()} == {"nodes"}
    encoding = bare(bare.inference_graph(real_graph))
    ego = [all_views(encoding)[f"ego.{name}"]["user"] for name in ("image", "text")]
    assert torch.equal(encoding.user, torch.cat(ego, dim=1))


def test_ranking_hears_the_same_neighbours_each_time(real_graph):
    model = NSMAR(real_graph, emb_dim=8, max_neighbors=2)
    first = model(model.inference_graph(real_graph))
    assert torch.equal(first.item, model(model.inference_graph(real_graph)).item)
    assert not torch.equal(first.item, model(real_graph).item)


@pytest.mark.parametrize(
    "options",
    [
        {"alignment": "cosine"},
        {"scorer": "cosine"},
        {"combine": "max"},
        {"graph_input": "x"},
    ],
    ids=str,
)
def test_unknown_choices_are_named(options, real_graph):
    (name,) = options
    with pytest.raises(ValueError, match=f"{name}='.*' is not known; choose one of "):
        NSMAR(real_graph, **options)
