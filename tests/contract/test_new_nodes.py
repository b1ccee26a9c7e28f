"""What every model makes of users and items that it has not met: lists, or a sentence that says why not."""

import pytest
import torch

from mmgraph.config.instantiate import instantiate
from mmgraph.extension import NewNodes, extend
from mmgraph.pipeline.recommend import encode
from mmgraph.typing import Encoding
from tests.contract.conftest import MODELS, small_config

BOUND = {"diffmm": "for its denoisers read rows over the items of training; mode='one_way' can"}


def new_nodes(graph):
    """Two users, one of whom chose a new item, and three items, chosen by old users, by a new one too, or by one."""
    users, items = graph["user"].num_nodes, graph["item"].num_nodes
    edges = [
        (users, 0), (users, 5), (users, items), (users + 1, 7),
        (3, items), (4, items), (4, items + 1), (5, items + 1), (6, items + 2),
    ]  # fmt: skip
    given = {key[2:]: x for key, x in graph["item"].items() if key.startswith("x_")}
    features = {name: torch.randn(3, x.size(1)) for name, x in given.items()}
    return NewNodes(num_users=2, num_items=3, edge_index=torch.tensor(edges).T, features=features)


def dense(encoding):
    return [side.to_dense() if side.is_sparse else side for side in encoding[:2]]


@pytest.mark.parametrize("name", MODELS)
def test_one_way_new_users_and_items_are_scored_and_nothing_changes_for_old_ones(name, parts_of):
    parts = parts_of(name)
    users, items = parts.graph["user"].num_nodes, parts.graph["item"].num_nodes
    encoding = encode(parts.model, parts.graph)
    before = Encoding(*(side.clone() for side in encoding[:2]), encoding.views)
    expected = parts.model.score(before, torch.arange(users))
    model, found = extend(parts.model, parts.graph, encoding, new_nodes(parts.graph))
    scores = model.score(found, torch.arange(users + 2))
    assert scores.shape == (users + 2, items + 3)
    assert scores.isfinite().all()
    torch.testing.assert_close(scores[:users, :items], expected, atol=1e-5, rtol=1e-5)
    for old, new in zip(dense(before), dense(found), strict=True):
        assert torch.equal(new[: old.size(0), : old.size(1)], old)
    assert all(torch.equal(one, other) for one, other in zip(dense(before), dense(encoding), strict=True))
    pairs = model.score_pairs(found, torch.tensor([users, 0]), torch.tensor([1, items + 2]))
    torch.testing.assert_close(pairs, torch.stack([scores[users, 1], scores[0, items + 2]]), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_recomputed_the_larger_graph_is_scored_or_it_is_said_why_not(name, parts_of):
    parts = parts_of(name)
    users, items = parts.graph["user"].num_nodes, parts.graph["item"].num_nodes
    encoding = encode(parts.model, parts.graph)
    transforms = list(instantiate(small_config(name).graph, "graph").values())
    weights = {key: x.clone() for key, x in parts.model.state_dict().items()}

    def recomputed():
        return extend(
            parts.model, parts.graph, encoding, new_nodes(parts.graph), mode="recompute", transforms=transforms
        )

    if name in BOUND:
        with pytest.raises(ValueError, match=BOUND[name]):
            recomputed()
        return
    model, found = recomputed()
    scores = model.score(found, torch.arange(users + 2))
    assert scores.shape == (users + 2, items + 3)
    assert scores.isfinite().all()
    assert all(torch.equal(x, weights[key]) for key, x in parts.model.state_dict().items())
