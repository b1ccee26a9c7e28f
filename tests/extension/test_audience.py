import torch

from mmgraph.extension.audience import Audience, weigh_users
from mmgraph.extension.sums import counts, pair_sums
from mmgraph.typing import INTERACTS
from tests.conftest import bipartite_graph


def one_round(user, edge_index, num_items):
    """What LightGCN's first round gives items, by a dense product."""
    matrix = torch.zeros(len(user), num_items)
    matrix[edge_index[0], edge_index[1]] = 1
    scaled = matrix / matrix.sum(1, keepdim=True).clamp(min=1).sqrt() / matrix.sum(0).clamp(min=1).sqrt()
    return scaled.T @ user


def fitted(num_users=200, num_items=60):
    edge_index = bipartite_graph(num_users, num_items)[INTERACTS].edge_index
    user = torch.randn(num_users, 3)
    item = one_round(user, edge_index, num_items)
    return Audience.fit(user, item, edge_index), user, item, edge_index


def test_items_that_are_lightgcns_sums_are_found_again():
    audience, user, item, edge_index = fitted()
    count = counts(edge_index[1], len(item))
    total = pair_sums(weigh_users(user, edge_index), *edge_index, len(item))
    many = count >= audience.least
    found = audience.guess(total[many], count[many]).float()
    torch.testing.assert_close(found, item[many], atol=0.05, rtol=0.05)


def test_an_item_with_few_users_is_as_long_as_with_the_median_number_of_their_kind():
    audience, *_ = fitted()
    users = torch.randn(1, 3).double()
    few = audience.guess(2 * users, torch.tensor([2.0]).double())
    median = audience.guess(audience.least * users, audience.least.view(1))
    torch.testing.assert_close(few, median)
    more = audience.guess(4 * audience.least * users, 4 * audience.least.view(1))
    torch.testing.assert_close(more - audience.map.mean, 2 * (median - audience.map.mean), atol=0.2, rtol=0.05)
