import pytest
import torch
from torch.nn.functional import normalize

from mmgraph.nn import PreferencePropagation
from tests.conftest import propagated

DIMS = {"image": 4, "text": 5}


@pytest.mark.parametrize("hidden_dim", [None, 6])
def test_equals_the_dense_equations(graph, hidden_dim):
    block = PreferencePropagation(DIMS, num_users=12, emb_dim=3, hidden_dim=hidden_dim, num_layers=2)
    features = {name: graph["item"][f"x_{name}"] for name in DIMS}
    encoded, preference = block(features, graph)
    for name, got in encoded.items():
        user, item = preference[name]["user"], block.nodes.project.modality[name](features[name])
        assert user is block.nodes.user[name]
        layers = propagated(graph, normalize(user), normalize(item), 2)
        expected = tuple(sum(side) for side in zip(*layers, strict=True))
        torch.testing.assert_close(got, expected, atol=1e-5, rtol=1e-5)


def test_length_of_a_preference_plays_no_part(graph):
    block = PreferencePropagation({"text": 5}, num_users=12, emb_dim=3, hidden_dim=None, num_layers=1)
    features = {"text": graph["item"].x_text}
    before, _ = block(features, graph)
    with torch.no_grad():
        block.nodes.user["text"].mul_(7)
    torch.testing.assert_close(block(features, graph)[0], before)


def test_what_cannot_be():
    with pytest.raises(ValueError, match="num_layers=0 must be at least 1"):
        PreferencePropagation(DIMS, num_users=12, emb_dim=3, hidden_dim=None, num_layers=0)
    with pytest.raises(ValueError, match="at least one modality"):
        PreferencePropagation({}, num_users=12, emb_dim=3, hidden_dim=None, num_layers=1)
