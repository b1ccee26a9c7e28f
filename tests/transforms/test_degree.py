import torch

from mmgraph.transforms import Degrees, interaction_degrees


def test_counts_interactions_of_both_sides(graph):
    user, item = interaction_degrees(graph)
    torch.testing.assert_close(user, graph["user"].degree)
    torch.testing.assert_close(item, graph["item"].degree)
    assert item[-1] == 0


def test_transform_writes_them(graph):
    bare = graph.clone()
    del bare["user"].degree, bare["item"].degree
    assert torch.equal(Degrees()(bare)["item"].degree, graph["item"].degree)
