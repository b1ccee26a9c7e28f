import pytest
import torch
from torch_geometric.explain.algorithm.utils import set_masks

from mmgraph.nn import BipartitePropagation, EdgeRows
from tests.conftest import adjacency, propagated
from tests.edge_rows import as_mapped


def test_layers_sum_and_mean_equal_the_dense_equations(graph):
    user, item = torch.randn(12, 3), torch.randn(9, 3)
    propagation = BipartitePropagation(3)
    expected = propagated(graph, user, item, 3)[1:]
    for got, want in zip(propagation.layers(user, item, graph), expected, strict=True):
        torch.testing.assert_close(got, want, atol=1e-6, rtol=1e-5)
    total = tuple(sum(side) for side in zip(*expected, strict=True))
    torch.testing.assert_close(propagation.sum(user, item, graph), total, atol=1e-6, rtol=1e-5)
    mean = (user + total[0]) / 4, (item + total[1]) / 4
    torch.testing.assert_close(propagation(user, item, graph), mean, atol=1e-6, rtol=1e-5)


def test_no_layers_is_the_identity(graph):
    user, item = torch.randn(12, 3), torch.randn(9, 3)
    assert BipartitePropagation(0)(user, item, graph) == (user, item)


@pytest.mark.parametrize("num_layers", range(6))
def test_starts_of_one_side_each_add_up_to_that_of_both(graph, num_layers):
    user, item = torch.randn(12, 3, requires_grad=True), torch.randn(9, 3, requires_grad=True)
    propagation = BipartitePropagation(num_layers)
    of_users = propagation.from_one_side(user, graph, side="user")
    of_items = propagation.from_one_side(item, graph, side="item")
    expected = propagation(user, item, graph)
    upstream = torch.randn(12, 3), torch.randn(9, 3)
    both = [a + b for a, b in zip(of_users, of_items, strict=True)]
    torch.testing.assert_close(both, list(expected))
    grads = (torch.autograd.grad(result, (user, item), upstream) for result in (both, expected))
    for mine, theirs in zip(*grads, strict=True):
        torch.testing.assert_close(mine, theirs)
    with pytest.raises(ValueError, match="self_loops=True sends messages within a side"):
        BipartitePropagation(1, self_loops=True).from_one_side(user, graph, side="user")


def test_refined_layers_go_on_refined(graph):
    user, item = torch.randn(12, 3), torch.randn(9, 3)
    layers = list(BipartitePropagation(2).layers(user, item, graph, refine=lambda x: (x[0] + 1, x[1] * 2)))
    first = propagated(graph, user, item, 1)[-1]
    first = first[0] + 1, first[1] * 2
    second = propagated(graph, *first, 1)[-1]
    torch.testing.assert_close(layers[0], first, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(layers[1], (second[0] + 1, second[1] * 2), atol=1e-6, rtol=1e-5)


def test_each_layer_travels_along_its_own_edges(graph):
    """Weighed edges under another name count as they are; the interactions by their degrees."""
    edge_index, weight = graph["user", "interacts", "item"].edge_index[:, ::2], torch.rand(100)
    weight = weight[: edge_index.size(1)]
    for edge_type, edges in (
        (("user", "first", "item"), edge_index),
        (("item", "rev_first", "user"), edge_index.flip(0)),
    ):
        graph[edge_type].edge_index, graph[edge_type].edge_weight = edges, weight
    user, item = torch.randn(12, 3), torch.randn(9, 3)
    first, second = BipartitePropagation(2).layers(user, item, graph, relations=["first", "interacts"])
    dense = torch.zeros(12, 9).index_put(tuple(edge_index), weight)
    torch.testing.assert_close(first, (dense @ item, dense.T @ user), atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(second, propagated(graph, *first, 1)[-1], atol=1e-6, rtol=1e-5)


def test_a_relation_for_every_layer(graph):
    with pytest.raises(ValueError, match="zip"):
        list(BipartitePropagation(2).layers(torch.ones(12, 3), torch.ones(9, 3), graph, relations=["interacts"]))


@pytest.mark.parametrize("norm", ["sym", "mean", "sum"])
def test_with_loops_every_node_is_its_own_neighbour(graph, norm):
    """On the square matrix of users and items; the last item, which has no interaction, hears itself alone."""
    user, item = torch.randn(12, 3), torch.randn(9, 3)
    interactions = adjacency(graph)
    square = torch.eye(21)
    square[:12, 12:], square[12:, :12] = interactions, interactions.T
    degree = square.sum(1)
    scale = {"sym": (degree[:, None] * degree).rsqrt(), "mean": 1 / degree[:, None], "sum": torch.ones(21, 1)}[norm]
    expected = square * scale @ (square * scale @ torch.cat([user, item]))
    got = list(BipartitePropagation(2, norm=norm, self_loops=True).layers(user, item, graph))[-1]
    torch.testing.assert_close(torch.cat(got), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("num_layers", [1, 3])
def test_an_explainers_mask_reaches_the_layers(graph, num_layers):
    """The sum of layers is one product where nobody looks; a mask that hides every message leaves layer 0."""
    user, item, propagation = torch.randn(12, 3), torch.randn(9, 3), BipartitePropagation(num_layers)
    edge_index = graph["user", "interacts", "item"].edge_index
    expected = propagation(user, item, graph)
    set_masks(propagation, torch.ones(edge_index.size(1)), edge_index, apply_sigmoid=False)
    torch.testing.assert_close(propagation(user, item, graph), expected)
    set_masks(propagation, torch.zeros(edge_index.size(1)), edge_index, apply_sigmoid=False)
    ego = user / (num_layers + 1), item / (num_layers + 1)
    torch.testing.assert_close(propagation(user, item, graph), ego)


@pytest.mark.parametrize("norm", ["sym", "mean", "sum"])
@pytest.mark.parametrize("self_loops", [False, True])
@pytest.mark.parametrize("size", [1, 7, 2**20])
def test_edges_that_lie_in_files_carry_the_same_messages(graph, monkeypatch, norm, self_loops, size):
    monkeypatch.setattr(EdgeRows.target_blocks, "__defaults__", (size,))
    user, item = torch.randn(12, 3), torch.randn(9, 3)
    propagation = BipartitePropagation(2, norm=norm, self_loops=self_loops)
    expected = propagation(user, item, graph)
    torch.testing.assert_close(propagation(user, item, as_mapped(graph)), expected, atol=1e-6, rtol=1e-6)
