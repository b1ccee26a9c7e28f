import pytest
import torch

from mmgraph.transforms import degree_sensitive_drop, drop_edges, own_part
from mmgraph.transforms.own_drop import _smallest
from mmgraph.typing import INTERACTS, REV_INTERACTS
from tests.conftest import bipartite_graph


@pytest.mark.parametrize("drop", [drop_edges, degree_sensitive_drop])
def test_a_part_loses_what_the_whole_loses(drop):
    """One process has all of the rows here; tests/training/test_partition.py has several."""
    graph = bipartite_graph(30, 20, density=0.3)
    part = own_part(graph)
    torch.manual_seed(0)
    whole = drop(graph, 0.4)
    torch.manual_seed(0)
    found = drop(part, 0.4)
    for edge_type in (INTERACTS, REV_INTERACTS):
        assert set(map(tuple, found[edge_type].edge_index.T.tolist())) == set(
            map(tuple, whole[edge_type].edge_index.T.tolist())
        )
    for side in ("user", "item"):
        assert torch.equal(found[side].degree, whole[side].degree)
    assert part[INTERACTS].edge_index.size(1) == graph[INTERACTS].edge_index.size(1)
    assert torch.equal(found[INTERACTS].out_source, found[REV_INTERACTS].edge_index[1])


@pytest.mark.parametrize("count", [1, 7, 100])
def test_the_last_that_counts_is_found_by_halving(count):
    numbers = torch.empty(100).exponential_()
    assert _smallest(numbers, count) == numbers.sort().values[count - 1]
