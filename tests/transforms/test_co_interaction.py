import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmgraph.transforms import CoInteractionGraph, co_interaction_graph


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 9), st.integers(1, 6), st.integers(1, 4), st.integers(1, 5), st.integers(0, 99))
def test_equals_counting_by_hand(num_users, num_items, k, chunk_size, seed):
    torch.manual_seed(seed)
    chosen = torch.rand(num_users, num_items) < 0.5
    edges = chosen.nonzero().T.contiguous()
    edge_index, weight = co_interaction_graph(edges, num_users, num_items, k, chunk_size=chunk_size)
    expected = []
    for u in range(num_users):
        shared = [(int((chosen[u] & chosen[v]).sum()), v) for v in range(num_users) if v != u]
        best = sorted(((-count, v) for count, v in shared if count), key=lambda pair: pair)[:k]
        expected += [(v, u, -count) for count, v in best]
    assert list(zip(*edge_index.tolist(), weight.tolist(), strict=True)) == expected


def test_k_must_be_positive():
    with pytest.raises(ValueError, match="k must be at least 1"):
        co_interaction_graph(torch.tensor([[0], [0]]), 1, 1, 0)


def test_transform_adds_the_edge_type(graph):
    store = CoInteractionGraph(k=2)(graph)["user", "co_interacts", "user"]
    assert store.edge_index.size(1) == store.edge_weight.numel() > 0
    assert torch.bincount(store.edge_index[1]).max() <= 2
