import torch

from mmgraph.nn import BipartitePropagation, rescale_sum


def test_sums_grow_to_all_neighbours_and_unsampled_stores_change_nothing():
    total = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert rescale_sum(total, {"edge_index": total}) is total
    assert rescale_sum(total, {"sample_scale": torch.tensor([1.0, 3.0])}).tolist() == [[1.0, 2.0], [9.0, 12.0]]


def test_propagation_reads_the_scale_of_each_direction(graph):
    user, item = torch.randn(12, 3), torch.randn(9, 3)
    ((plain_user, plain_item),) = BipartitePropagation(1).layers(user, item, graph)
    graph["user", "interacts", "item"].sample_scale = torch.arange(9.0)
    graph["item", "rev_interacts", "user"].sample_scale = torch.full((12,), 2.0)
    ((scaled_user, scaled_item),) = BipartitePropagation(1).layers(user, item, graph)
    torch.testing.assert_close(scaled_user, 2 * plain_user)
    torch.testing.assert_close(scaled_item, torch.arange(9.0)[:, None] * plain_item)
