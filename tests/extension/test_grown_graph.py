import torch

from mmgraph.extension.grown_graph import grow_graph
from mmgraph.extension.new_nodes import NewNodes
from mmgraph.typing import INTERACTS, REV_INTERACTS


def pairs(graph, edge_type):
    return set(map(tuple, graph[edge_type].edge_index.T.tolist()))


def test_one_way_messages_lead_to_new_nodes_only(graph, new):
    grown = grow_graph(graph, new, both_ways=False)
    assert pairs(grown, INTERACTS) - pairs(graph, INTERACTS) == {(3, 30), (4, 30), (5, 30), (60, 30), (60, 31)}
    assert pairs(grown, REV_INTERACTS) - pairs(graph, REV_INTERACTS) == {(item, 60) for item in (1, 2, 7, 30, 31)}
    for side in ("user", "item"):
        old = graph[side].degree
        assert torch.equal(grown[side].degree[: old.numel()], old)
    assert grown["user"].degree[60:].tolist() == [5, 0]
    assert grown["item"].degree[30:].tolist() == [4, 1, 0]


def test_both_ways_everything_counts_for_everybody(graph, new):
    grown = grow_graph(graph, new, both_ways=True)
    assert pairs(grown, INTERACTS) == pairs(graph, INTERACTS) | set(map(tuple, new.edge_index.T.tolist()))
    assert pairs(grown, REV_INTERACTS) == {(item, user) for user, item in pairs(grown, INTERACTS)}
    for row, side in enumerate(("user", "item")):
        found = torch.bincount(grown[INTERACTS].edge_index[row], minlength=grown[side].num_nodes).float()
        assert torch.equal(grown[side].degree, found)


def test_edges_are_sorted_as_a_data_sets(graph, new):
    for both_ways in (False, True):
        user, item = grow_graph(graph, new, both_ways=both_ways)[INTERACTS].edge_index
        assert ((user * 100 + item).diff() > 0).all()


def test_features_go_below_and_the_old_graph_stays(graph, new):
    before = graph["item"].x_text.clone()
    grown = grow_graph(graph, new, both_ways=True)
    assert torch.equal(grown["item"].x_text, torch.cat([before, new.features["text"]]))
    assert graph["item"].x_text is not grown["item"].x_text
    assert graph["item"].num_nodes == 30
    assert "has_text" not in grown["item"]


def test_who_lacks_a_modality_is_noted(graph):
    new = NewNodes(num_items=2, features={"text": torch.ones(2, 5)}, has={"text": torch.tensor([True, False])})
    grown = grow_graph(graph, new, both_ways=True)
    assert grown["item"].has_text.tolist() == [True] * 31 + [False]
    assert grown["item"].has_image.tolist() == [True] * 30 + [False] * 2
    torch.testing.assert_close(grown["item"].x_text[31], graph["item"].x_text.mean(0))


def test_what_transforms_drew_is_left_out(graph, new):
    graph["item", "similar", "item"].edge_index = torch.tensor([[0], [1]])
    assert grow_graph(graph, new, both_ways=True).edge_types == [INTERACTS, REV_INTERACTS]
