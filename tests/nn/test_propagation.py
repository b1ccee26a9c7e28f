import torch

from mmgraph.nn import BipartitePropagation


def dense_layers(graph, user, item, num_layers):
    edge_index = graph["user", "interacts", "item"].edge_index
    adjacency = torch.zeros(user.size(0), item.size(0))
    adjacency[edge_index[0], edge_index[1]] = 1
    scale = (graph["user"].degree[:, None] * graph["item"].degree).clamp(min=1).sqrt()
    adjacency = adjacency / scale
    layers = []
    for _ in range(num_layers):
        user, item = adjacency @ item, adjacency.T @ user
        layers.append((user, item))
    return layers


def test_layers_sum_and_mean_equal_the_dense_equations(graph):
    user, item = torch.randn(12, 3), torch.randn(9, 3)
    propagation = BipartitePropagation(3)
    expected = dense_layers(graph, user, item, 3)
    for got, want in zip(propagation.layers(user, item, graph), expected, strict=True):
        torch.testing.assert_close(got, want, atol=1e-6, rtol=1e-5)
    total = tuple(sum(side) for side in zip(*expected, strict=True))
    torch.testing.assert_close(propagation.sum(user, item, graph), total, atol=1e-6, rtol=1e-5)
    mean = (user + total[0]) / 4, (item + total[1]) / 4
    torch.testing.assert_close(propagation(user, item, graph), mean, atol=1e-6, rtol=1e-5)


def test_no_layers_is_the_identity(graph):
    user, item = torch.randn(12, 3), torch.randn(9, 3)
    assert BipartitePropagation(0)(user, item, graph) == (user, item)
