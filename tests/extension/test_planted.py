"""Tastes that are known: new users and items are served by them."""

import pytest
import torch

import mmgraph
from mmgraph.datasets import InHand, Synthetic
from mmgraph.extension import NewNodes, extend
from mmgraph.pipeline.recommend import encode
from mmgraph.typing import INTERACTS, PARTS

OLD_USERS, OLD_ITEMS = 240, 100


@pytest.fixture(scope="module")
def planted():
    """A run on old users and items, all pairs of the larger data set, and its features."""
    data = Synthetic(num_users=300, num_items=130, num_topics=6, modalities={"text": 16}, noise=0.3)[0]
    old = data.clone()
    old["user"].num_nodes, old["item"].num_nodes = OLD_USERS, OLD_ITEMS
    for key in ("degree", "category"):
        for side in ("user", "item"):
            if key in old[side]:
                del old[side][key]
    old["item"].x_text = data["item"].x_text[:OLD_ITEMS]
    for key in PARTS.values():
        pairs = data[INTERACTS][key]
        old[INTERACTS][key] = pairs[:, (pairs[0] < OLD_USERS) & (pairs[1] < OLD_ITEMS)]
    pairs = torch.cat([data[INTERACTS][key] for key in PARTS.values()], dim=1)
    run = mmgraph.run("mf_bpr", InHand(old), max_epochs=30, verbose=False, overrides={"trainer.optimizer.lr": 0.02})
    return run, pairs, data["item"].x_text


def recall(scores, had, wanted, k=10):
    """Mean share of each user's wanted items among the first k that were not had; ties in an order by chance."""
    scores = scores.masked_fill(had, -torch.inf)
    order = torch.randperm(scores.size(1))
    found = wanted.gather(1, order[scores[:, order].topk(k).indices])
    some = wanted.any(1)
    return float((found.sum(1)[some] / wanted.sum(1)[some]).mean())


def matrix(pairs, size):
    return torch.zeros(size, dtype=torch.bool).index_put((pairs[0], pairs[1]), torch.tensor(True))


def test_new_users_find_what_was_held_out_better_than_by_popularity(planted):
    run, pairs, _ = planted
    pairs = pairs[:, (pairs[0] >= OLD_USERS) & (pairs[1] < OLD_ITEMS)]
    given = torch.arange(pairs.size(1)) % 2 == 0
    found = extend(
        run.model, run.graph, encode(run.model, run.graph), NewNodes(num_users=60, edge_index=pairs[:, given])
    )
    had, wanted = (matrix(pairs[:, part], (300, OLD_ITEMS)) for part in (given, ~given))
    rows = torch.arange(OLD_USERS, 300)
    own = recall(found.model.score(found.encoding, rows), had[rows], wanted[rows])
    crowd = recall(run.graph["item"].degree.expand(60, -1), had[rows], wanted[rows])
    assert own > 1.2 * crowd


@pytest.mark.parametrize("mode", ["one_way", "recompute"])
def test_new_items_find_their_users_by_features_alone_among_all_items(planted, mode):
    run, pairs, text = planted
    wanted = matrix(pairs[:, (pairs[0] < OLD_USERS) & (pairs[1] >= OLD_ITEMS)], (OLD_USERS, 130))
    had = matrix(pairs[:, (pairs[0] < OLD_USERS) & (pairs[1] < OLD_ITEMS)], (OLD_USERS, 130))
    new = NewNodes(num_items=30, features={"text": text[OLD_ITEMS:]})
    found = extend(run.model, run.graph, encode(run.model, run.graph), new, mode=mode)
    own = recall(found.model.score(found.encoding, torch.arange(OLD_USERS)), had, wanted)
    chance = recall(torch.rand(OLD_USERS, 130), had, wanted)
    assert own > 1.5 * chance
