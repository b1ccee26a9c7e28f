"""Max-K sampling of neighbours: counts, chance, and sameness."""

import copy

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings

from mmgraph.transforms import sample_edges, sample_neighbors
from mmgraph.typing import INTERACTS, REV_INTERACTS


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 6), max_size=40), st.integers(1, 8))
def test_every_target_keeps_what_it_has_up_to_k(target, k):
    target = torch.tensor(target, dtype=torch.int64)
    kept = sample_edges(target, k)
    assert torch.equal(torch.bincount(target[kept], minlength=7), torch.bincount(target, minlength=7).clamp(max=k))
    assert torch.equal(kept.unique(), kept), "each once, in rising order"


def test_every_edge_of_a_target_has_the_same_chance():
    """Of 6 edges 2 are kept: each 1/3 of the time, here 1000 of 3000 times, standard deviation 26."""
    target = torch.tensor([1, 0, 1, 1, 1, 0, 1, 1])
    counts = torch.zeros(8)
    for _ in range(3000):
        counts[sample_edges(target, 2)] += 1
    assert (counts[target == 0] == 3000).all()
    assert ((counts[target == 1] - 1000).abs() < 130).all()


def test_both_sides_hear_at_most_k_and_degrees_stay(graph):
    before = copy.copy(graph)
    sampled = sample_neighbors(graph, 2)
    for edge_type, heard in ((INTERACTS, "item"), (REV_INTERACTS, "user")):
        count = torch.bincount(sampled[edge_type].edge_index[1], minlength=graph[heard].num_nodes)
        assert torch.equal(count.float(), graph[heard].degree.clamp(max=2))
        known = {tuple(pair) for pair in graph[edge_type].edge_index.T.tolist()}
        assert {tuple(pair) for pair in sampled[edge_type].edge_index.T.tolist()} <= known
        assert sampled[heard].degree is graph[heard].degree
        assert graph[edge_type].edge_index is before[edge_type].edge_index


def test_the_fixed_sample_is_the_same_and_leaves_the_generator_alone(graph):
    state = torch.get_rng_state()
    first, second = sample_neighbors(graph, 2, fixed=True), sample_neighbors(graph, 2, fixed=True)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first[INTERACTS].edge_index, second[INTERACTS].edge_index)
    drawn = [sample_neighbors(graph, 2)[INTERACTS].edge_index for _ in range(5)]
    assert any(not torch.equal(drawn[0], other) for other in drawn[1:])


def test_nothing_is_touched_where_no_node_has_more(graph):
    sampled = sample_neighbors(graph, 100)
    for edge_type in (INTERACTS, REV_INTERACTS):
        assert sampled[edge_type].edge_index is graph[edge_type].edge_index


def test_k_must_be_positive(graph):
    with pytest.raises(ValueError, match="k must be at least 1, got 0"):
        sample_neighbors(graph, 0)
