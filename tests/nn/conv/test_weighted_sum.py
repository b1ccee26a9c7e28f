"""The base keeps PyG's promises: flow, aggr, hooks, masks, to_hetero, batches of a NeighborLoader."""

import warnings

import pytest
import torch
from torch import nn
from torch_geometric.data import Data, HeteroData
from torch_geometric.explain.algorithm.utils import clear_masks, set_masks
from torch_geometric.loader import NeighborLoader
from torch_geometric.nn import HypergraphConv as PyGHypergraphConv
from torch_geometric.nn import LGConv, to_hetero

from mmgraph.nn import HypergraphConv, LightGCNConv, NeighborSimilarityConv, RoutingConv, SoftmaxGraphConv
from tests.sampling import need_sampler

CONVS = {
    "light": LightGCNConv,
    "light_mean": lambda **kwargs: LightGCNConv(norm="mean", **kwargs),
    "light_max": lambda **kwargs: LightGCNConv(aggr="max", **kwargs),
    "softmax": SoftmaxGraphConv,
    "similarity": NeighborSimilarityConv,
    "similarity_sym": lambda **kwargs: NeighborSimilarityConv(norm="sym", **kwargs),
    "routing": RoutingConv,
}
every_conv = pytest.mark.parametrize("name", CONVS)


def directed(num_nodes=9, num_edges=30):
    """Vectors and edges without symmetry, sorted by target as a sparse adjacency has them."""
    edge_index = torch.randint(num_nodes, (2, num_edges)).unique(dim=1)
    return torch.randn(num_nodes, 4), edge_index[:, edge_index[1].argsort(stable=True)]


@every_conv
def test_the_flow_turns_the_edges_round(name):
    x, edge_index = directed()
    back = CONVS[name](flow="target_to_source")
    expected = CONVS[name]()(x, edge_index.flip(0))
    assert not torch.allclose(expected, CONVS[name]()(x, edge_index))
    torch.testing.assert_close(back(x, edge_index), expected)
    back.register_message_forward_hook(lambda *_: None)
    torch.testing.assert_close(back(x, edge_index), expected)


def test_lightgcn_is_pygs_lgconv_either_way():
    x, edge_index = directed(20, 80)
    for flow in ("source_to_target", "target_to_source"):
        torch.testing.assert_close(LightGCNConv(flow=flow)(x, edge_index), LGConv(flow=flow)(x, edge_index))
        ours, theirs = LightGCNConv(norm="sum", flow=flow), LGConv(normalize=False, flow=flow)
        torch.testing.assert_close(ours(x, edge_index), theirs(x, edge_index))
    weight = torch.rand(edge_index.size(1))
    for aggr in ("sum", "mean", "max"):
        theirs = LGConv(normalize=False, aggr=aggr)(x, edge_index, weight)
        torch.testing.assert_close(LightGCNConv(aggr=aggr)(x, edge_index, weight), theirs)


def test_hypergraph_is_pygs_without_its_map_and_degrees():
    """PyG divides by degrees; with memberships divided likewise the sums are the same."""
    x, index = torch.randn(6, 4), torch.tensor([[0, 1, 1, 2, 3, 4, 4, 5], [0, 0, 1, 1, 1, 2, 0, 2]])
    theirs = PyGHypergraphConv(4, 4, bias=False)
    nn.init.eye_(theirs.lin.weight)
    incidence = torch.sparse_coo_tensor(index, torch.ones(8), (6, 3), check_invariants=True).to_dense()
    to_edges, to_nodes = incidence / incidence.sum(0), incidence / incidence.sum(1, keepdim=True)
    torch.testing.assert_close(HypergraphConv()(x, to_edges, to_nodes), theirs(x, index))


def test_a_pair_has_one_direction():
    x, edge_index = directed()
    for conv in (LightGCNConv, SoftmaxGraphConv, NeighborSimilarityConv, RoutingConv):
        with pytest.raises(ValueError, match=r"target_to_source' is for one kind of node.*edge_index.flip\(0\)"):
            conv(flow="target_to_source")((x, torch.randn(9, 4)), edge_index)


@pytest.mark.parametrize("conv", [SoftmaxGraphConv, NeighborSimilarityConv, RoutingConv, HypergraphConv])
def test_an_aggr_without_a_meaning_is_refused(conv):
    with pytest.raises(ValueError, match=rf"aggr of {conv.__name__} must be 'sum', got 'max': "):
        conv(aggr="max")


def test_a_flow_without_a_meaning_is_refused():
    with pytest.raises(ValueError, match="flow='target_to_source' has no meaning here"):
        HypergraphConv(flow="target_to_source")


@every_conv
def test_masks_and_hooks_see_single_messages(name):
    x, edge_index = directed()
    conv, num_edges = CONVS[name](), edge_index.size(1)
    expected = conv(x, edge_index)
    seen = []
    hook = conv.register_message_forward_hook(lambda module, inputs, out: seen.append(out.shape))
    torch.testing.assert_close(conv(x, edge_index), expected)
    assert seen == [(num_edges, 4)]
    hook.remove()
    double = conv.register_propagate_forward_hook(lambda module, inputs, out: 2 * out)
    torch.testing.assert_close(conv(x, edge_index), 2 * expected)
    double.remove()
    set_masks(conv, torch.ones(num_edges), edge_index, apply_sigmoid=False)
    torch.testing.assert_close(conv(x, edge_index), expected)
    set_masks(conv, torch.zeros(num_edges), edge_index, apply_sigmoid=False)
    assert not conv(x, edge_index).any()
    clear_masks(conv)
    assert torch.equal(conv(x, edge_index), expected)


@pytest.mark.parametrize("sparse", [False, True])
def test_masks_see_the_entries_of_an_incidence(sparse):
    x, conv = torch.randn(5, 4), HypergraphConv()
    incidence = torch.tensor([[1.0, 0.0], [0.5, 1.0], [0.0, 2.0], [1.0, 0.0], [0.0, 1.0]])
    without_last = incidence.clone()
    without_last[4, 1] = 0
    expected, expected_without_last = conv(x, incidence), conv(x, without_last)
    given, entries = incidence.to_sparse_csr() if sparse else incidence, incidence.nonzero().T
    set_masks(conv, torch.ones(6), entries, apply_sigmoid=False)
    torch.testing.assert_close(conv(x, given), expected)
    set_masks(conv, torch.tensor([1.0, 1.0, 1.0, 1.0, 1.0, 0.0]), entries, apply_sigmoid=False)
    torch.testing.assert_close(conv(x, given), expected_without_last)


def test_a_message_of_ones_own_is_used():
    class Squared(LightGCNConv):
        def message(self, x_j, edge_weight):
            return edge_weight.unsqueeze(-1) * x_j.square()

    x, edge_index = directed()
    torch.testing.assert_close(Squared()(x, edge_index), LightGCNConv()(x.square(), edge_index))


class Net(nn.Module):
    """What a user of PyG writes."""

    def __init__(self, conv):
        super().__init__()
        self.lin, self.conv = nn.Linear(4, 4), conv

    def forward(self, x, edge_index):
        return self.conv(self.lin(x), edge_index).relu()


@every_conv
def test_to_hetero(name):
    graph = HeteroData(user={"x": torch.randn(6, 4)}, item={"x": torch.randn(9, 4)})
    to_item = torch.stack([torch.randint(6, (20,)), torch.randint(9, (20,))]).unique(dim=1)
    graph["user", "to", "item"].edge_index = to_item
    graph["item", "back", "user"].edge_index = to_item.flip(0)
    graph["item", "like", "item"].edge_index = directed()[1]
    out = to_hetero(Net(CONVS[name]()), graph.metadata())(graph.x_dict, graph.edge_index_dict)
    assert {side: x.shape for side, x in out.items()} == {"user": (6, 4), "item": (9, 4)}


def test_relations_within_a_type_have_the_degrees_of_one_kind_of_node():
    x, edge_index = directed()
    torch.testing.assert_close(LightGCNConv()((x, x), edge_index), LGConv()(x, edge_index))


@every_conv
def test_a_batch_of_pygs_neighbour_loader(name):
    need_sampler()
    x, edge_index = directed(30, 90)
    conv, data = CONVS[name](), Data(x=x, edge_index=edge_index)
    degree = torch.bincount(edge_index[1], minlength=30).float()
    full = conv(x, edge_index, degree=(degree, degree)) if name in {"light", "similarity_sym"} else conv(x, edge_index)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*without a 'pyg-lib' installation is deprecated")
        loader = NeighborLoader(data, num_neighbors=[-1], batch_size=4)
    for batch in loader:
        of_batch = degree[batch.n_id]
        words = {"degree": (of_batch, of_batch)} if name in {"light", "similarity_sym", "light_max"} else {}
        seeds = conv(batch.x, batch.edge_index, **words)[: batch.batch_size]
        torch.testing.assert_close(seeds, full[batch.n_id[: batch.batch_size]])
