"""DualGNN against its equations, written densely; the authors' own numbers are in test_golden.py."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import DualGNN
from mmgraph.transforms import CoInteractionGraph
from tests.conftest import bipartite_graph, heard_from_peers, preference_layers


@pytest.fixture
def graph(graph):
    return CoInteractionGraph(k=3)(graph)


@pytest.mark.parametrize("num_layers", [1, 3])
def test_equals_its_equations(graph, num_layers):
    model = DualGNN(graph, emb_dim=4, hidden_dim=5, num_layers=num_layers)
    user, item = torch.zeros(12, 4), torch.zeros(9, 4)
    for column, name in enumerate(("image", "text")):
        of_user, of_item = preference_layers(model, graph, name, num_layers)
        user, item = user + model.user_weight[:, [column]] * of_user, item + of_item
    encoding = model(graph)
    torch.testing.assert_close(encoding.user, user + heard_from_peers(graph, user), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(encoding.item, item, atol=1e-5, rtol=1e-5)


def test_by_hand():
    """Two users share item 0: each hears the other alone. Both start as (1, 0); item 0 is projected to (0, 2)."""
    graph = bipartite_graph(num_users=2, num_items=2, density=0.0, modalities=("text",))
    graph = CoInteractionGraph(k=3)(graph)
    model = DualGNN(graph, emb_dim=2, num_layers=1)
    with torch.no_grad():
        model.modal.nodes.user["text"].copy_(torch.tensor([[3.0, 0.0], [0.5, 0.0]]))
        model.user_weight.copy_(torch.tensor([[2.0], [5.0]]))
        last = model.modal.nodes.project.modality["text"][-1]
        last.weight.zero_()
        last.bias.copy_(torch.tensor([0.0, 2.0]))
    encoding = model(graph)
    # Each user: (1, 0) + item (0, 1) / sqrt(1 * 2); weighted by 2 and 5; plus what the other one has.
    half = 0.5**0.5
    torch.testing.assert_close(encoding.user, torch.tensor([[7.0, 7 * half], [7.0, 7 * half]]))
    torch.testing.assert_close(encoding.item, torch.tensor([[2 * half, 1.0], [0.0, 1.0]]))


def test_weights_start_as_shares_and_preferences_are_views(graph):
    model = DualGNN(graph, emb_dim=4)
    torch.testing.assert_close(model.user_weight.sum(dim=1), torch.ones(12))
    views = all_views(model(graph))
    assert torch.equal(views["preference.text"]["user"], model.modal.nodes.user["text"])
    assert torch.equal(views["user_weight"]["user"], model.user_weight)


def test_a_modality_is_not_part_of_another_ones_user_vectors(graph):
    """With all weight on the image, no text reaches the users (in MMRec's copy it does, by an aliased tensor)."""
    model = DualGNN(graph, emb_dim=4)
    with torch.no_grad():
        model.user_weight.copy_(torch.tensor([[1.0, 0.0]]).expand(12, 2))
    before = model(graph)
    graph["item"].x_text = graph["item"].x_text + 1
    after = model(graph)
    assert torch.equal(after.user, before.user)
    assert not torch.equal(after.item, before.item)


def test_what_cannot_be(graph):
    with pytest.raises(ValueError, match="num_layers=0 must be at least 1"):
        DualGNN(graph, num_layers=0)
    with pytest.raises(ValueError, match="at least one modality"):
        DualGNN(CoInteractionGraph(k=3)(bipartite_graph(modalities=())))
