import pytest
import torch
from torch.nn.functional import normalize

from mmgraph.nn import PreferencePropagation
from tests.conftest import propagated

DIMS = {"image": 4, "text": 5}


@pytest.mark.parametrize("hidden_dim", [None, 6])
def test_equals_the_dense_equations(graph, hidden_dim):
    block = PreferencePropagation(DIMS, emb_dim=3, hidden_dim=hidden_dim, num_layers=2)
    features = {name: graph["item"][f"x_{name}"] for name in DIMS}
    preference = {name: torch.randn(12, 3) for name in DIMS}
    for name, got in block(features, preference, graph).items():
        item = block.project.modality[name](features[name])
        layers = propagated(graph, normalize(preference[name]), normalize(item), 2)
        expected = tuple(sum(side) for side in zip(*layers, strict=True))
        torch.testing.assert_close(got, expected, atol=1e-5, rtol=1e-5)


def test_length_of_a_preference_plays_no_part(graph):
    block = PreferencePropagation({"text": 5}, emb_dim=3, hidden_dim=None, num_layers=1)
    features, preference = {"text": graph["item"].x_text}, torch.randn(12, 3)
    one, two = (block(features, {"text": scale * preference}, graph)["text"] for scale in (1.0, 7.0))
    torch.testing.assert_close(one, two)


def test_what_cannot_be():
    with pytest.raises(ValueError, match="num_layers=0 must be at least 1"):
        PreferencePropagation(DIMS, emb_dim=3, hidden_dim=None, num_layers=0)
    with pytest.raises(ValueError, match="at least one modality"):
        PreferencePropagation({}, emb_dim=3, hidden_dim=None, num_layers=1)
