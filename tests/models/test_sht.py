"""What SHT promises beside its numbers, which test_golden_sht.py compares with the authors'."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import SHT
from mmgraph.typing import INTERACTS
from tests.conftest import propagated

SMALL = {"emb_dim": 4, "num_hyperedges": 5}


def test_without_hyperedges_it_is_the_sum_of_the_layers(graph):
    model = SHT(graph, num_graph_layers=3, num_layers=0, **SMALL)
    layers = propagated(graph, model.user_table, model.item_table, 3)
    encoding = model(graph)
    torch.testing.assert_close(encoding.user, sum(user for user, _ in layers))
    torch.testing.assert_close(encoding.item, sum(item for _, item in layers))


def test_users_and_items_hear_only_their_own_hyperedges(graph):
    model = SHT(graph, num_graph_layers=0, num_heads=1, **SMALL)
    before = model(graph)
    with torch.no_grad():
        model.hyperedge["user"].mul_(2)
    after = model(graph)
    assert torch.equal(after.item, before.item)
    assert not torch.allclose(after.user, before.user)


def test_one_hyperedge_by_hand(graph):
    """Vectors of one number, maps of 1, nothing mixed."""
    model = SHT(graph, emb_dim=1, num_graph_layers=0, num_layers=1, num_hyperedges=1, num_mixing_layers=0, num_heads=1)
    with torch.no_grad():
        model.key.fill_(1)
        model.value.fill_(1)
        model.hyperedge["user"].fill_(3)
        model.user_table.fill_(2)
    # the hyperedge hears 12 times (3 * 2) * 2 = 144, each user (2 * 3) * 144 of it
    torch.testing.assert_close(model(graph).user, torch.full((12, 1), 2.0 + 864.0))


def test_it_judges_interactions_while_training_only(graph):
    model = SHT(graph, num_layers=1, edge_rate=0.5, **SMALL)
    num_edges = graph[INTERACTS].edge_index.size(1)
    judgements = all_views(model(graph))["solidity"]
    assert {x.numel() for x in judgements.values()} == {2 * round(num_edges / 4)}
    assert ((judgements["second"] > 0) & (judgements["second"] < 1)).all()
    user, item = graph[INTERACTS].edge_index
    local = propagated(graph, model.user_table, model.item_table, 2)
    scores = sum(u for u, _ in local) @ sum(i for _, i in local).T
    assert torch.isin(
        judgements["first"].detach().round(decimals=4), scores[user, item].detach().round(decimals=4)
    ).all()
    assert all_views(model.eval()(graph))["solidity"] == {}


def test_few_interactions_still_make_a_pair(graph):
    assert all_views(SHT(graph, edge_rate=1e-6, **SMALL)(graph))["solidity"]["first"].numel() == 2


@pytest.mark.parametrize("edge_rate", [0, 1.5])
def test_rates_that_cannot_be(graph, edge_rate):
    with pytest.raises(ValueError, match="must be above 0 and at most 1"):
        SHT(graph, edge_rate=edge_rate)


def test_heads_that_do_not_divide(graph):
    with pytest.raises(ValueError, match="num_heads=3 must divide the 4 dimensions"):
        SHT(graph, num_heads=3, **SMALL)(graph)
