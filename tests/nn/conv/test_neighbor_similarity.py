"""Eq. 3-6 of NSMAR+ against a slow oracle and against numbers worked out by hand."""

import math

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from torch_geometric.explain.algorithm.utils import set_masks

from mmgraph.nn import LightGCNConv, NeighborSimilarityConv, similarity_coefficients
from mmgraph.nn.sparse import similarity as module


def pearson(a, b):
    """r(a, b), 0 where one of them is constant."""
    a, b = a - a.mean(), b - b.mean()
    size = np.linalg.norm(a) * np.linalg.norm(b)
    return float(a @ b / size) if size > 0 else 0.0


def oracle(x, edge_index, num_targets, degree, *, include_self=True):
    """Eq. 3 and 5 as printed, without the MLP, one node and one neighbour at a time."""
    out = np.zeros((num_targets, x.shape[1]))
    coefficients = np.zeros(edge_index.shape[1])
    for target in range(num_targets):
        edges = np.flatnonzero(edge_index[1] == target)
        for edge in edges:
            others = [e for e in edges if include_self or e != edge]
            total = sum(max(0.0, pearson(x[edge_index[0, edge]], x[edge_index[0, e]])) for e in others)
            coefficients[edge] = total / max(1, len(others))
            out[target] += coefficients[edge] * x[edge_index[0, edge]]
        if len(edges):
            out[target] /= math.sqrt(degree[target])
    return out, coefficients


@st.composite
def graphs(draw):
    """Sources with vectors, targets, and distinct edges in any order; some nodes have none."""
    num_sources, num_targets = draw(st.integers(1, 9)), draw(st.integers(1, 6))
    pairs = st.tuples(st.integers(0, num_sources - 1), st.integers(0, num_targets - 1))
    edges = draw(st.lists(pairs, unique=True, max_size=30))
    seed = draw(st.integers(0, 1000))
    x = torch.randn(num_sources, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return x, torch.tensor(edges, dtype=torch.int64).reshape(-1, 2).T.contiguous(), num_targets


@settings(max_examples=60, deadline=None)
@given(graphs(), st.booleans())
def test_equals_the_equations_taken_literally(graph, include_self):
    x, edge_index, num_targets = graph
    degree = np.bincount(edge_index[1].numpy(), minlength=num_targets)
    out, alpha = oracle(x.numpy(), edge_index.numpy(), num_targets, degree, include_self=include_self)
    conv = NeighborSimilarityConv(include_self=include_self)
    torch.testing.assert_close(conv((x, torch.zeros(num_targets, 4)), edge_index), torch.from_numpy(out))
    ours = similarity_coefficients(x, edge_index, num_targets, include_self=include_self)
    torch.testing.assert_close(ours, torch.from_numpy(alpha))


def test_numbers_worked_out_by_hand():
    """User 0 chose items 0, 1, 2 and user 1 chose item 2.

    Items (1, 0), (2, 0) and (1, 2) are centred (.5, -.5), (1, -1), (-.5, .5): r_01 = 1, r_02 = r_12 = -1.
    Eq. 3: alpha_00 = alpha_01 = (1 + 1 + 0)/3, alpha_02 = (0 + 0 + 1)/3, alpha_12 = 1/1.
    Eq. 5: user 0 = (2/3 (1, 0) + 2/3 (2, 0) + 1/3 (1, 2)) / sqrt 3 = (7/3, 2/3) / sqrt 3; user 1 = (1, 2).
    """
    items = torch.tensor([[1.0, 0.0], [2.0, 0.0], [1.0, 2.0]])
    edge_index = torch.tensor([[2, 0, 1, 2], [1, 0, 0, 0]])
    alpha = similarity_coefficients(items, edge_index, 2)
    torch.testing.assert_close(alpha, torch.tensor([1.0, 2 / 3, 2 / 3, 1 / 3]))
    users = NeighborSimilarityConv()((items, torch.zeros(2, 2)), edge_index)
    torch.testing.assert_close(users, torch.tensor([[7 / 3, 2 / 3], [1.0, 2.0]]) / torch.tensor([[3.0], [1.0]]).sqrt())


def test_the_norms():
    """A sample of 3 of 12 neighbours: |N_u| = 12. Weighted mean: (7/3, 2/3) / (2/3 + 2/3 + 1/3)."""
    items = torch.tensor([[1.0, 0.0], [2.0, 0.0], [1.0, 2.0]])
    edge_index = torch.tensor([[0, 1, 2], [0, 0, 0]])
    degree = torch.tensor([4.0, 9.0, 16.0]), torch.tensor([12.0])
    printed = NeighborSimilarityConv()((items, None), edge_index, degree=degree)
    torch.testing.assert_close(printed, torch.tensor([[7 / 3, 2 / 3]]) / math.sqrt(12))
    mean = NeighborSimilarityConv(norm="mean")((items, None), edge_index, degree=degree)
    torch.testing.assert_close(mean, torch.tensor([[7 / 5, 2 / 5]]))
    root = NeighborSimilarityConv(norm="root")((items, None), edge_index, degree=degree)
    torch.testing.assert_close(root, math.sqrt(12) * mean)
    sym = NeighborSimilarityConv(norm="sym")((items, None), edge_index, degree=degree)
    by_root = torch.tensor([[(2 / 3) / 2 + (4 / 3) / 3 + (1 / 3) / 4, (2 / 3) / 4]])  # alpha x / root of d
    torch.testing.assert_close(sym, math.sqrt(12) * by_root / (5 / 3))


def test_symmetric_is_lightgcn_where_all_neighbours_are_alike():
    x, edge_index = torch.tensor([[1.0, 0.0], [3.0, 1.0], [2.0, -5.0]]), torch.tensor([[0, 1, 1, 2], [0, 0, 1, 1]])
    ours = NeighborSimilarityConv(norm="sym")((x, torch.zeros(2, 2)), edge_index)
    torch.testing.assert_close(ours, LightGCNConv()((x, torch.zeros(2, 2)), edge_index))


def test_an_unknown_norm():
    with pytest.raises(ValueError, match="norm must be one of"):
        NeighborSimilarityConv(norm="light")


@settings(max_examples=30, deadline=None)
@given(graphs(), st.randoms(use_true_random=False))
def test_order_of_edges_and_names_of_nodes_do_not_matter(graph, random):
    x, edge_index, num_targets = graph
    conv = NeighborSimilarityConv()
    expected = conv((x, torch.zeros(num_targets, 4)), edge_index)
    edges = torch.tensor(random.sample(range(edge_index.size(1)), edge_index.size(1)), dtype=torch.int64)
    sources = torch.tensor(random.sample(range(x.size(0)), x.size(0)))
    targets = torch.tensor(random.sample(range(num_targets), num_targets))
    renamed = torch.stack([sources.argsort()[edge_index[0]], targets.argsort()[edge_index[1]]])[:, edges]
    ours = conv((x[sources], torch.zeros(num_targets, 4)), renamed)
    torch.testing.assert_close(ours, expected[targets])


@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("norm", ["printed", "mean", "root", "sym"])
def test_gradients(include_self, norm):
    torch.manual_seed(0)
    x = torch.randn(6, 5, dtype=torch.float64, requires_grad=True)
    edge_index = torch.tensor([[0, 1, 2, 3, 4, 0, 5, 2, 3], [0, 0, 0, 0, 1, 1, 2, 2, 2]])
    conv = NeighborSimilarityConv(include_self=include_self, norm=norm)
    assert torch.autograd.gradcheck(lambda x: conv((x, torch.zeros(4, 5)), edge_index), x)


def test_rows_in_slices_give_the_same(monkeypatch):
    """A node with so many neighbours that their similarities are made a few rows at a time."""
    torch.manual_seed(0)
    x = torch.randn(40, 8, dtype=torch.float64, requires_grad=True)
    source = torch.cat([torch.arange(40), torch.arange(7), torch.arange(9, 16)])
    edge_index = torch.stack([source, torch.arange(3).repeat_interleave(torch.tensor([40, 7, 7]))])
    conv = NeighborSimilarityConv(include_self=False)
    whole = conv((x, torch.zeros(3, 8)), edge_index)
    (expected,) = torch.autograd.grad(whole.square().sum(), x)
    monkeypatch.setattr(module, "_WEDGES_AT_ONCE", 100)
    again = edge_index.clone()  # another tensor: planned anew
    sliced = conv((x, torch.zeros(3, 8)), again)
    torch.testing.assert_close(sliced, whole)
    torch.testing.assert_close(torch.autograd.grad(sliced.square().sum(), x)[0], expected)


def test_isolated_nodes_and_graphs_without_edges_give_zeros():
    x = torch.randn(3, 4, requires_grad=True)
    out = NeighborSimilarityConv()((x, torch.zeros(3, 4)), torch.tensor([[0, 1], [1, 1]]))
    assert not out[[0, 2]].any()
    assert out[1].all()
    none = NeighborSimilarityConv()((x, torch.zeros(3, 4)), torch.empty(2, 0, dtype=torch.int64))
    assert none.shape == (3, 4)
    assert not none.any()


def test_a_constant_vector_resembles_nothing_and_breaks_no_gradient():
    x = torch.tensor([[2.0, 2.0], [1.0, 0.0]], requires_grad=True)
    alpha = similarity_coefficients(x, torch.tensor([[0, 1], [0, 0]]), 1)
    torch.testing.assert_close(alpha, torch.tensor([0.0, 0.5]))
    alpha.sum().backward()
    assert x.grad.isfinite().all()


def test_works_on_one_kind_of_nodes_and_under_autocast():
    x, edge_index = torch.randn(4, 8), torch.tensor([[0, 1, 2, 3], [1, 0, 1, 1]])
    conv = NeighborSimilarityConv()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = conv(x, edge_index)
    assert mixed.dtype == torch.float32
    torch.testing.assert_close(mixed, conv(x, edge_index))


def test_an_explainer_masks_single_messages():
    x, edge_index = torch.randn(4, 8), torch.tensor([[0, 1, 2, 3], [1, 0, 1, 1]])
    conv = NeighborSimilarityConv()
    expected = conv((x, torch.zeros(4, 8)), edge_index)
    set_masks(conv, torch.ones(4), edge_index, apply_sigmoid=False)
    torch.testing.assert_close(conv((x, torch.zeros(4, 8)), edge_index), expected)
    set_masks(conv, torch.zeros(4), edge_index, apply_sigmoid=False)
    assert not conv((x, torch.zeros(4, 8)), edge_index).any()


def test_the_number_of_targets_must_be_known():
    with pytest.raises(ValueError, match="pass degree"):
        NeighborSimilarityConv()((torch.ones(2, 2), None), torch.tensor([[0], [0]]))
