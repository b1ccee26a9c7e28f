"""Tastes that are known: new users and items are served by them, once a model has them."""

import pytest
import torch
from torch_geometric.data import HeteroData

from mmgraph.datasets import message_graph
from mmgraph.datasets.in_hand import InHand
from mmgraph.extension import NewNodes, extend
from mmgraph.models import MFBPR
from mmgraph.pipeline.recommend import encode
from mmgraph.typing import INTERACTS, PARTS

USERS, ITEMS, DIM = 240, 100, 6
ALL_USERS, ALL_ITEMS = 300, 130


@pytest.fixture(scope="module")
def planted():
    """A model that has found the tastes of old users and items, the graph, all pairs, and what items look like."""
    generator = torch.Generator().manual_seed(0)
    user = torch.randn(ALL_USERS, DIM, generator=generator)
    item = torch.randn(ALL_ITEMS, DIM, generator=generator)
    score = user @ item.T + torch.randn(ALL_USERS, ALL_ITEMS, generator=generator)
    rank = score.argsort(dim=1, descending=True).argsort(dim=1)
    pairs = (rank < 16).nonzero().T
    text = item @ torch.randn(DIM, 20, generator=generator) + 0.5 * torch.randn(ALL_ITEMS, 20, generator=generator)
    data = HeteroData(user={"num_nodes": USERS}, item={"num_nodes": ITEMS, "x_text": text[:ITEMS]})
    data[INTERACTS].edge_index = pairs[:, (pairs[0] < USERS) & (pairs[1] < ITEMS)]
    for part in ("val", "test"):
        data[INTERACTS][PARTS[part]] = torch.empty(2, 0, dtype=torch.long)
    graph = message_graph(InHand(data)[0])
    model = MFBPR(graph, emb_dim=DIM)
    model.load_state_dict({"user_table": user[:USERS], "item_table": item[:ITEMS]})
    return model, graph, pairs, text


def recall(scores, had, wanted, k=10):
    """Mean share of each user's wanted items among the first k that were not had; ties in an order by chance."""
    scores = scores.masked_fill(had, -torch.inf)
    order = torch.randperm(scores.size(1))
    found = wanted.gather(1, order[scores[:, order].topk(k).indices])
    some = wanted.any(1)
    return float((found.sum(1)[some] / wanted.sum(1)[some]).mean())


def matrix(pairs, size):
    return torch.zeros(size, dtype=torch.bool).index_put((pairs[0], pairs[1]), torch.tensor(True))


def test_new_users_find_what_was_held_out(planted):
    model, graph, pairs, _ = planted
    pairs = pairs[:, (pairs[0] >= USERS) & (pairs[1] < ITEMS)]
    given = torch.rand(pairs.size(1)) < 0.5
    found = extend(model, graph, encode(model, graph), NewNodes(num_users=60, edge_index=pairs[:, given]))
    had, wanted = (matrix(pairs[:, part], (ALL_USERS, ITEMS))[USERS:] for part in (given, ~given))
    own = recall(model.score(found.encoding, torch.arange(USERS, ALL_USERS)), had, wanted)
    assert own > 2 * recall(graph["item"].degree.expand(60, -1), had, wanted)


@pytest.mark.parametrize("mode", ["one_way", "recompute"])
@pytest.mark.parametrize("known", [0.0, 0.5])
def test_new_items_find_their_users_among_all_items(planted, mode, known):
    model, graph, pairs, text = planted
    old = pairs[:, (pairs[0] < USERS) & (pairs[1] < ITEMS)]
    pairs = pairs[:, (pairs[0] < USERS) & (pairs[1] >= ITEMS)]
    given = torch.rand(pairs.size(1)) < known
    new = NewNodes(num_items=30, edge_index=pairs[:, given], features={"text": text[ITEMS:]})
    found = extend(model, graph, encode(model, graph), new, mode=mode)
    had = matrix(torch.cat([old, pairs[:, given]], dim=1), (USERS, ALL_ITEMS))
    wanted = matrix(pairs[:, ~given], (USERS, ALL_ITEMS))
    own = recall(found.model.score(found.encoding, torch.arange(USERS)), had, wanted)
    assert own > 3 * recall(torch.rand(USERS, ALL_ITEMS), had, wanted)
