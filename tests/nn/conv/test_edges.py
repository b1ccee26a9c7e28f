"""Every form of edges gives what ``edge_index`` and ``edge_weight`` give, or is refused by a sentence."""

import pytest
import torch
from torch_geometric import EdgeIndex
from torch_geometric.data import HeteroData
from torch_geometric.typing import WITH_TORCH_SPARSE, SparseTensor

from mmgraph.nn import HypergraphConv, LightGCNConv, NeighborSimilarityConv, RoutingConv, SoftmaxGraphConv

UNWEIGHTED = [LightGCNConv, SoftmaxGraphConv, NeighborSimilarityConv, RoutingConv]
WEIGHTED = [LightGCNConv, SoftmaxGraphConv]
SIZE = (7, 9)
"""Targets and sources."""

pytestmark = pytest.mark.filterwarnings("ignore:Sparse CS. tensor support is in beta")


@pytest.fixture
def edge_index():
    """Sources over targets, by target and then by source."""
    return (torch.rand(SIZE) < 0.4).nonzero().T.flip(0)


def forms(edge_index, weight=None):
    """The same edges as sparse adjacencies."""
    value = torch.ones(edge_index.size(1)) if weight is None else weight
    coo = torch.sparse_coo_tensor(edge_index.flip(0), value, SIZE, check_invariants=True)
    found = {"COO": coo, "CSR": coo.coalesce().to_sparse_csr()}
    if WITH_TORCH_SPARSE:
        found["SparseTensor"] = SparseTensor(row=edge_index[1], col=edge_index[0], value=weight, sparse_sizes=SIZE)
    return found


def pair(x):
    return x, torch.randn(SIZE[0], 4)


@pytest.mark.parametrize("conv", UNWEIGHTED)
def test_adjacencies_without_weights(conv, edge_index):
    x = pair(torch.randn(SIZE[1], 4))
    expected = conv()(x, edge_index)
    for name, adjacency in forms(edge_index).items():
        torch.testing.assert_close(conv()(x, adjacency), expected, msg=name)
    torch.testing.assert_close(conv()(x, EdgeIndex(edge_index, sparse_size=SIZE[::-1])), expected)
    store = HeteroData()["a", "to", "b"]
    store.edge_index = edge_index
    torch.testing.assert_close(conv()(x, store), expected)


@pytest.mark.parametrize("conv", WEIGHTED)
def test_adjacencies_with_weights_and_their_gradients(conv, edge_index):
    x, weight = pair(torch.randn(SIZE[1], 4)), torch.rand(edge_index.size(1))
    given = weight.clone().requires_grad_()
    expected = conv()(x, edge_index, given)
    (gradient,) = torch.autograd.grad(expected.square().sum(), given)
    for name, adjacency in forms(edge_index, weight).items():
        torch.testing.assert_close(conv()(x, adjacency), expected.detach(), msg=name)
    for name in forms(edge_index):
        leaf = weight.clone().requires_grad_()
        out = conv()(x, forms(edge_index, leaf)[name])
        torch.testing.assert_close(torch.autograd.grad(out.square().sum(), leaf)[0], gradient, msg=name)
    store = HeteroData()["a", "to", "b"]
    store.edge_index, store.edge_weight = edge_index, weight
    torch.testing.assert_close(conv()(x, store), expected.detach())


def test_targets_are_counted_by_the_adjacency(edge_index):
    x = torch.randn(SIZE[1], 4)
    for adjacency in forms(edge_index).values():
        torch.testing.assert_close(LightGCNConv()((x, None), adjacency), LightGCNConv()(pair(x), edge_index))


def test_a_change_of_values_is_seen(edge_index):
    x = pair(torch.randn(SIZE[1], 4))
    for name, adjacency in forms(edge_index, torch.rand(edge_index.size(1))).items():
        if name == "SparseTensor":
            continue
        adjacency = adjacency.coalesce() if name == "COO" else adjacency
        before = LightGCNConv()(x, adjacency)
        adjacency.values().mul_(2)
        torch.testing.assert_close(LightGCNConv()(x, adjacency), 2 * before, msg=name)


def test_an_incidence_in_every_form():
    x, incidence = torch.randn(6, 4), torch.rand(6, 3) * (torch.rand(6, 3) < 0.6)
    expected = HypergraphConv()(x, incidence)
    given = [incidence.to_sparse_coo(), incidence.to_sparse_csr()]
    if WITH_TORCH_SPARSE:
        given.append(SparseTensor.from_dense(incidence))
    for sparse in given:
        torch.testing.assert_close(HypergraphConv()(x, sparse), expected)


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        (
            lambda: torch.rand(4, 4),
            r"edge_index must be integers \(2, E\).*torch.float32 of shape \(4, 4\).*to_sparse_csr",
        ),
        (lambda: torch.zeros(5, 2, dtype=torch.long), r"edge_index must be integers \(2, E\).*shape \(5, 2\)"),
        (lambda: torch.eye(4).to_sparse_csc(), "COO or CSR layout; got torch.sparse_csc"),
        (lambda: torch.eye(5).to_sparse_csr(), "the adjacency is 5 targets x 5 sources, but x has 4 sources"),
        (lambda: torch.ones(4, 4, 1).to_sparse_coo(), r"must be a matrix in COO or CSR layout.*shape \(4, 4, 1\)"),
    ],
)
def test_other_forms_are_refused(edges, message):
    with pytest.raises(ValueError, match=message):
        LightGCNConv()(torch.randn(4, 2), edges())


def test_weights_that_nobody_reads_or_that_come_twice_are_refused():
    x, adjacency = torch.randn(2, 2), torch.tensor([[0.0, 2.0], [1.0, 0.0]]).to_sparse_csr()
    for conv in (NeighborSimilarityConv, RoutingConv):
        with pytest.raises(ValueError, match=f"{conv.__name__} weighs edges itself"):
            conv()(x, adjacency)
    with pytest.raises(ValueError, match="edge_weight is given twice"):
        LightGCNConv()(x, adjacency, torch.ones(2))
    with pytest.raises(ValueError, match="'target_to_source' is for one kind of node and edge_index"):
        LightGCNConv(flow="target_to_source")(x, adjacency)
    with pytest.raises(ValueError, match=r"incidence must be a matrix of numbers.*hyperedge_index \(2, E\)"):
        HypergraphConv()(x, torch.tensor([[0, 1], [0, 0]]))


def test_a_sample_needs_the_degrees_of_its_sources():
    store = HeteroData()["a", "to", "a"]
    store.edge_index, store.sample_scale = torch.tensor([[0, 1], [1, 1]]), torch.tensor([1.0, 2.0])
    x = torch.tensor([[1.0], [2.0]])
    with pytest.raises(ValueError, match="norm='sym' on sampled edges needs degree="):
        LightGCNConv()(x, store)
    # Node 1 has four neighbours, of which two were sampled: a mean needs no more, a sum and a root do.
    assert LightGCNConv(norm="mean")(x, store).tolist() == [[0.0], [1.5]]
    assert LightGCNConv(norm="sum")(x, store).tolist() == [[0.0], [6.0]]
    assert LightGCNConv(norm="root")(x, store).tolist() == [[0.0], [3.0]]
    assert LightGCNConv(norm="sum", aggr="max")(x, store).tolist() == [[0.0], [2.0]]
