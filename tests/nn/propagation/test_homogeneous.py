"""Propagation over the graph of users and that of items."""

import math

import torch
from torch_geometric.data import HeteroData

from mmgraph.nn import HomogeneousPropagation
from mmgraph.typing import Sides

USERS, ITEMS = ("user", "co_interacts", "user"), ("item", "similar", "item")


def graph_of(user_edges, item_edges):
    graph = HeteroData()
    for edge_type, edges in ((USERS, user_edges), (ITEMS, item_edges)):
        graph[edge_type].edge_index = torch.tensor([edge[:2] for edge in edges]).T
        graph[edge_type].edge_weight = torch.tensor([edge[2] for edge in edges])
    return graph


# Softmax weights of user 0's neighbours 1 and 2: exp(ln 3) / (exp(ln 3) + 1) = 3/4 and 1/4; items hear one each.
GRAPH = graph_of([(1, 0, math.log(3.0)), (2, 0, 0.0), (0, 1, 5.0)], [(1, 0, 2.0), (0, 1, 0.1)])


def test_one_round_by_hand():
    x = Sides(torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([[10.0], [20.0]]))
    message = Sides(torch.tensor([[8.0], [4.0], [0.0]]), torch.tensor([[1.0], [3.0]]))
    user, item = HomogeneousPropagation(1)(x, message, GRAPH)
    torch.testing.assert_close(user, torch.tensor([[1.0 + 3.0], [2.0 + 8.0], [4.0]]))
    torch.testing.assert_close(item, torch.tensor([[10.0 + 3.0], [20.0 + 1.0]]))


def test_rounds_follow_each_other_and_only_the_last_is_added():
    """User 1 hears what user 0 heard: 3/4 of user 1; user 2 hears no one."""
    sides = Sides(torch.tensor([[8.0], [4.0], [0.0]]), torch.tensor([[1.0], [3.0]]))
    user, item = HomogeneousPropagation(2)(sides, sides, GRAPH)
    torch.testing.assert_close(user, torch.tensor([[8.0 + 0.75 * 8.0], [4.0 + 3.0], [0.0]]))
    torch.testing.assert_close(item, 2 * sides.item)


def test_no_round_reads_no_graph():
    sides = Sides(torch.ones(2, 1), torch.ones(3, 1))
    assert HomogeneousPropagation(0)(sides, sides, HeteroData()) is sides
