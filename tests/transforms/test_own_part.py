import pytest
import torch

from mmgraph.processes.partition import DividedRows, is_divided
from mmgraph.transforms import own_part
from mmgraph.typing import INTERACTS, REV_INTERACTS
from tests.conftest import bipartite_graph


@pytest.fixture
def graph():
    graph = bipartite_graph(13, 9, density=0.3)
    graph["item"].x_text = torch.randn(9, 2)
    graph["item", "similar", "item"].edge_index = torch.randint(9, (2, 20))
    graph["item", "similar", "item"].edge_weight = torch.rand(20)
    return graph


@pytest.fixture
def parts(graph, monkeypatch):
    """Those of three processes."""

    def of(rank):
        monkeypatch.setattr(DividedRows, "of_world", lambda count: DividedRows(count, rank, 3))
        return own_part(graph)

    return [of(rank) for rank in range(3)]


def test_rows_and_edges_of_all_parts_are_the_whole(graph, parts):
    assert not is_divided(graph)
    assert all(map(is_divided, parts))
    for side, names in (("user", ["degree"]), ("item", ["degree", "x_text"])):
        assert sum(part[side].num_nodes for part in parts) == graph[side].num_nodes
        for name in names:
            assert torch.equal(torch.cat([part[side][name] for part in parts]), graph[side][name])
    for edge_type in graph.edge_types:
        expected = set(map(tuple, graph[edge_type].edge_index.T.tolist()))
        assert {edge for part in parts for edge in arriving(part, edge_type)} == expected
        assert {edge for part in parts for edge in leaving(part, edge_type)} == expected


def arriving(part, edge_type):
    source, target = part[edge_type].edge_index
    return list(zip(source.tolist(), (target + part[edge_type[2]].rows.first).tolist(), strict=True))


def leaving(part, edge_type):
    source, target = part[edge_type].out_source, part[edge_type].out_target
    return list(zip((source + part[edge_type[0]].rows.first).tolist(), target.tolist(), strict=True))


def test_weights_go_with_their_edges(graph, parts):
    kind = "item", "similar", "item"
    source, target = graph[kind].edge_index.tolist()
    known = list(zip(source, target, graph[kind].edge_weight.tolist(), strict=True))
    for side, of_side in (("edge_weight", arriving), ("out_weight", leaving)):
        found = [
            (*edge, w) for part in parts for edge, w in zip(of_side(part, kind), part[kind][side].tolist(), strict=True)
        ]
        assert sorted(found) == sorted(known)


def test_interactions_are_held_once_for_both_directions_and_know_their_number(graph, parts):
    for part in parts:
        for one, other in ((INTERACTS, REV_INTERACTS), (REV_INTERACTS, INTERACTS)):
            assert part[one].out_source.data_ptr() == part[other].edge_index[1].data_ptr()
            source, target = graph[one].edge_index[:, part[one].number.long()]
            assert list(zip(source.tolist(), target.tolist(), strict=True)) == arriving(part, one)


def test_more_processes_than_rows_are_refused(graph, monkeypatch):
    monkeypatch.setattr(DividedRows, "of_world", lambda count: DividedRows(count, 0, 8))
    with pytest.raises(ValueError, match="13 users among 8 processes, and the last would have none"):
        own_part(graph)
