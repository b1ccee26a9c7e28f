"""FISM against its equation, pair by pair in plain Python."""

import pytest
import torch

from mmgraph.losses import BCE, BPR
from mmgraph.models import FISM
from mmgraph.typing import INTERACTS, Triplets
from tests.conftest import bipartite_graph


def plain_score(model, owned, user, item):
    others = [j for j in owned[user] if j != item]
    total = sum((model.source_table[j] for j in others), start=torch.zeros(4))
    length = max(len(others), 1) ** -model.alpha
    return model.bias[item, 0] + length * total @ model.target_table[item]


@pytest.fixture
def owned(graph):
    pairs = graph[INTERACTS].edge_index.T.tolist()
    return [{i for u, i in pairs if u == user} for user in range(12)]


@pytest.mark.parametrize("alpha", [0, 0.5, 1])
def test_equals_its_equation_for_own_items_and_others(graph, owned, alpha):
    model = FISM(graph, emb_dim=4, alpha=alpha)
    torch.nn.init.normal_(model.bias)
    encoding = model(graph)
    expected = torch.stack([torch.stack([plain_score(model, owned, u, i) for i in range(9)]) for u in range(12)])
    users = torch.tensor([7, 0, 7, *range(12)])
    torch.testing.assert_close(model.score(encoding, users), expected[users])
    items = torch.arange(9).expand(12, 9)
    torch.testing.assert_close(model.score_pairs(encoding, torch.arange(12), items), expected)
    torch.testing.assert_close(model.score_pairs(encoding, users, users % 9), expected[users, users % 9])


def test_an_item_learns_nothing_from_itself(graph, owned):
    """The gradient of a positive's score never reaches the vector that the same item has as one of the user's."""
    model = FISM(graph, emb_dim=4)
    user = next(u for u in range(12) if len(owned[u]) > 1)
    item = next(iter(owned[user]))
    score = model.score_pairs(model(graph), torch.tensor([user]), torch.tensor([item]))
    (grad,) = torch.autograd.grad(score.sum(), [model.source_table])
    assert set(grad.abs().sum(1).nonzero().squeeze(1).tolist()) == owned[user] - {item}


def test_a_user_of_one_item_or_none_has_the_bias_left(graph):
    edges = graph[INTERACTS].edge_index
    kept = edges[:, edges[0] != 3]
    single = torch.tensor([[3], [5]])
    model = FISM(graph, emb_dim=4)
    torch.nn.init.normal_(model.bias)
    for edge_index in (kept, torch.cat([kept, single], dim=1)):
        graph[INTERACTS].edge_index = edge_index
        graph["item", "rev_interacts", "user"].edge_index = edge_index.flip(0)
        graph["user"].degree = torch.bincount(edge_index[0], minlength=12).float()
        score = model.score(model(graph), torch.tensor([3]))
        assert score.isfinite().all()
        torch.testing.assert_close(score[0, 5], model.bias[5, 0])


def test_trains_by_pairs_and_one_by_one(graph):
    user, item = graph[INTERACTS].edge_index
    batch = Triplets(user, item, torch.full_like(item, 8))
    for term in (BPR(), BCE()):
        model = FISM(bipartite_graph(), emb_dim=4)
        term(model, model(graph), batch).backward()
        assert all(parameter.grad.any() for parameter in model.parameters())


def test_a_sample_of_the_items_stands_for_all_of_them(graph, owned):
    """With items drawn twice as rarely, each counts twice, and the one left out is left out twice."""
    edges = graph["item", "rev_interacts", "user"]
    edges.sample_scale = torch.full((12,), 2.0)
    model = FISM(graph, emb_dim=4, alpha=0)
    encoding = model(graph)
    user, item = 0, next(iter(owned[0]))
    expected = 2 * plain_score(model, owned, user, item)
    pair = model.score_pairs(encoding, torch.tensor([user]), torch.tensor([item]))
    torch.testing.assert_close(pair[0], expected)
    torch.testing.assert_close(model.score(encoding, torch.tensor([user]))[0, item], expected)


@pytest.mark.parametrize("alpha", [-0.1, 1.5])
def test_exponent_out_of_range(graph, alpha):
    with pytest.raises(ValueError, match=rf"alpha={alpha} must be between 0"):
        FISM(graph, alpha=alpha)
