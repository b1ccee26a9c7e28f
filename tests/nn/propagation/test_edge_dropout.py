import pytest
import torch

from mmgraph.nn import BipartitePropagation, EdgeDropout
from mmgraph.typing import INTERACTS, REV_INTERACTS
from tests.conftest import bipartite_graph


@pytest.fixture
def large():
    return bipartite_graph(num_users=200, num_items=100)


def test_weights_are_zero_or_the_norm_rescaled(large):
    dropped = EdgeDropout(0.25)(large)
    kept = []
    for edge_type, (source, target) in ((INTERACTS, ("user", "item")), (REV_INTERACTS, ("item", "user"))):
        edges = dropped[edge_type]
        degree = large[source].degree[edges.edge_index[0]] * large[target].degree[edges.edge_index[1]]
        expected = degree.rsqrt() / 0.75
        kept.append(edges.edge_weight > 0)
        torch.testing.assert_close(edges.edge_weight, torch.where(kept[-1], expected, 0.0))
        assert kept[-1].float().mean().item() == pytest.approx(0.75, abs=0.03)
    assert not torch.equal(*kept)
    assert "edge_weight" not in large[INTERACTS]
    assert not torch.equal(EdgeDropout(0.25)(large)[INTERACTS].edge_weight > 0, kept[0])


def test_propagation_stays_the_same_on_average(graph):
    user, item = torch.rand(12, 4), torch.rand(9, 4)
    round_ = BipartitePropagation(1)
    dropout, expected = EdgeDropout(0.5), round_.sum(user, item, graph)
    mean = [
        sum(sides) / 2000 for sides in zip(*(round_.sum(user, item, dropout(graph)) for _ in range(2000)), strict=True)
    ]
    torch.testing.assert_close(tuple(mean), expected, atol=0.08, rtol=0)


def test_nothing_is_dropped_while_ranking_or_at_zero(graph):
    assert EdgeDropout(0.5).eval()(graph) is graph
    assert EdgeDropout(0)(graph) is graph
    with pytest.raises(ValueError, match="p=1, the share of messages left out, must be at least 0 and below 1"):
        EdgeDropout(1)
