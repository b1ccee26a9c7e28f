"""GRCN against its equations, written densely; the authors' own numbers are in test_golden.py."""

import pytest
import torch
import torch.nn.functional as F

from mmgraph.models import GRCN
from tests.conftest import adjacency, bipartite_graph

SMALL = {"emb_dim": 4, "content_dim": 3}


def attention(target, source, chosen):
    return torch.softmax((target @ source.T).masked_fill(chosen == 0, -torch.inf), dim=1).nan_to_num()


def expected_vectors(model, graph):
    """Final users and items; ``chosen`` is users x items."""
    chosen, parts, to_user, to_item = adjacency(graph), [], [], []
    for column, name in enumerate(model.preference):
        item = F.normalize(F.leaky_relu(model.project.modality[name](graph["item"][f"x_{name}"])))
        user = F.normalize(model.preference[name])
        for _ in range(model.num_routings):
            user = F.normalize(user + attention(user, item, chosen) @ item)
        at_user, at_item = attention(user, item, chosen), attention(item, user, chosen.T)
        parts.append((user + at_user @ item, item + at_item @ user))
        to_user.append(at_user * model.confidence["item"][:, column])
        to_item.append(at_item * model.confidence["user"][:, column])
    weights = [torch.stack(side).max(0).values for side in (to_user, to_item)]
    if model.prune:
        weights = [weight.relu() for weight in weights]
    layers = [(F.normalize(model.user_table), F.normalize(model.item_table))]
    for _ in range(model.num_layers):
        layers.append((weights[0] @ layers[-1][1], weights[1] @ layers[-1][0]))
    ids = [sum(side) for side in zip(*layers, strict=True)]
    return [torch.cat([part, *content], dim=1) for part, *content in zip(ids, *parts, strict=True)]


@pytest.mark.parametrize("prune", [True, False])
@pytest.mark.parametrize(("num_routings", "num_layers"), [(3, 2), (0, 1), (1, 0)])
def test_equals_its_equations(graph, num_routings, num_layers, prune):
    model = GRCN(graph, num_routings=num_routings, num_layers=num_layers, prune=prune, **SMALL)
    encoding = model(graph)
    torch.testing.assert_close([encoding.user, encoding.item], expected_vectors(model, graph), atol=1e-5, rtol=1e-5)


def test_routing_moves_users_towards_their_items(graph):
    """In the official code it does not: messages run from users to items only."""
    users = [GRCN(graph, num_routings=times, **SMALL) for times in (0, 3)]
    users[1].load_state_dict(users[0].state_dict())
    assert not torch.allclose(users[0](graph).user, users[1](graph).user)


def test_an_interaction_without_trust_carries_no_ids(graph):
    model = GRCN(graph, **SMALL)
    with torch.no_grad():
        for confidence in model.confidence.values():
            confidence.fill_(-1)
    encoding = model(graph)
    torch.testing.assert_close(encoding.user[:, :4], F.normalize(model.user_table))
    torch.testing.assert_close(encoding.item[:, :4], F.normalize(model.item_table))


def test_the_modality_that_is_trusted_decides(graph):
    model = GRCN(graph, num_layers=1, **SMALL)
    with torch.no_grad():
        for confidence in model.confidence.values():
            confidence.copy_(torch.tensor([[-1.0, 1.0]]).expand_as(confidence))
    before = model(graph).user[:, :4]
    graph["item"].x_image = graph["item"].x_image.flip(0)
    torch.testing.assert_close(model(graph).user[:, :4], before)
    graph["item"].x_text = graph["item"].x_text.flip(0)
    assert not torch.allclose(model(graph).user[:, :4], before)


def test_without_modalities(graph):
    with pytest.raises(ValueError, match="at least one modality"):
        GRCN(bipartite_graph(modalities=()))
