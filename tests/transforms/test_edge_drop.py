import pytest
import torch

from mmgraph.transforms import (
    EdgeDrop,
    add_interactions,
    degree_sensitive_drop,
    drop_edges,
    drop_nodes,
    interaction_degrees,
)
from tests.conftest import bipartite_graph

INTERACTS, REVERSE = ("user", "interacts", "item"), ("item", "rev_interacts", "user")


@pytest.mark.parametrize("drop", [drop_edges, degree_sensitive_drop])
def test_keeps_a_share_of_the_edges_in_both_directions_and_counts_them(drop, graph):
    before = {tuple(edge) for edge in graph[INTERACTS].edge_index.T.tolist()}
    pruned = drop(graph, 0.6)
    kept = [tuple(edge) for edge in pruned[INTERACTS].edge_index.T.tolist()]
    assert len(kept) == len(set(kept)) == int(len(before) * 0.4)
    assert set(kept) < before
    assert torch.equal(pruned[REVERSE].edge_index, pruned[INTERACTS].edge_index.flip(0))
    assert torch.equal(pruned["item"].degree, interaction_degrees(pruned)[1])
    assert "weight" not in pruned[INTERACTS]
    assert graph[INTERACTS].edge_index.size(1) == len(before), "the graph given stays as it is"
    assert pruned["item"].x_text.data_ptr() == graph["item"].x_text.data_ptr(), "nothing else is copied"


def test_weights_follow_the_edges_that_are_kept(graph):
    user, item = graph[INTERACTS].edge_index
    graph[INTERACTS].weight = (user * 100 + item).float()
    kept = drop_edges(graph, 0.5)[INTERACTS]
    assert torch.equal(kept.weight, (kept.edge_index[0] * 100 + kept.edge_index[1]).float())


def test_nothing_dropped_keeps_everything(graph):
    assert drop_edges(graph, 0.0)[INTERACTS].edge_index.size(1) == graph[INTERACTS].edge_index.size(1)


def test_popular_ends_lose_more():
    """The share of draws that keep an edge falls with its degrees: compare a popular item's edges with a rare one's."""
    graph = bipartite_graph(num_users=40, num_items=12, density=0.05)
    edges = torch.cat([graph[INTERACTS].edge_index, torch.stack([torch.arange(40), torch.zeros(40).long()])], dim=1)
    graph[INTERACTS].edge_index = edges.unique(dim=1)
    graph["user"].degree, graph["item"].degree = interaction_degrees(graph)
    popular = rare = 0
    for _ in range(200):
        item = degree_sensitive_drop(graph, 0.7)[INTERACTS].edge_index[1]
        popular += int((item == 0).sum())
        rare += int((item != 0).sum())
    num_popular = int(graph["item"].degree[0])
    num_rare = int(graph["item"].degree[1:].sum())
    assert popular / num_popular < 0.8 * rare / num_rare


def test_dropped_nodes_lose_all_their_edges_and_others_none_but_those(graph):
    graph = bipartite_graph(num_users=12, num_items=10, density=1.0)
    pruned = drop_nodes(graph, 0.5)
    user, item = pruned["user"].degree, pruned["item"].degree
    assert int((user == 0).sum()) == 6
    kept_items = int((item > 0).sum())
    assert kept_items in (4, 5), "five of ten are dropped, the last of which has no edge anyway"
    assert set(user.tolist()) == {0.0, kept_items}
    assert set(item.tolist()) == {0.0, 6.0}
    assert pruned["user"].num_nodes == 12


def test_interactions_beside_interactions_keep_their_own_degrees(graph):
    pruned = drop_edges(graph, 0.5)
    both = add_interactions(graph, pruned, relation="first")
    user, item = pruned[INTERACTS].edge_index
    expected = 1 / (pruned["user"].degree[user] * pruned["item"].degree[item]).sqrt()
    for edge_type, source in ((("user", "first", "item"), user), (("item", "rev_first", "user"), item)):
        torch.testing.assert_close(both[edge_type].edge_weight, expected)
        assert torch.equal(both[edge_type].edge_index[0], source)
    assert torch.equal(both["user"].degree, graph["user"].degree)
    assert torch.equal(both[INTERACTS].edge_index, graph[INTERACTS].edge_index)
    assert ("user", "first", "item") not in graph.edge_types


@pytest.mark.parametrize("dropout", [-0.1, 1.0])
def test_dropout_out_of_range(dropout, graph):
    with pytest.raises(ValueError, match=r"dropout must be in \[0, 1\)"):
        drop_edges(graph, dropout)
    with pytest.raises(ValueError, match=r"dropout must be in \[0, 1\)"):
        EdgeDrop(dropout=dropout)


@pytest.mark.parametrize("degree_sensitive", [False, True])
def test_transform_is_the_function(degree_sensitive, graph):
    torch.manual_seed(5)
    by_class = EdgeDrop(dropout=0.5, degree_sensitive=degree_sensitive)(graph)
    torch.manual_seed(5)
    by_function = (degree_sensitive_drop if degree_sensitive else drop_edges)(graph, 0.5)
    assert torch.equal(by_class[INTERACTS].edge_index, by_function[INTERACTS].edge_index)
