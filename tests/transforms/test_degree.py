import torch

from mmgraph.transforms import Degrees, interaction_degrees, set_interactions


def test_counts_interactions_of_both_sides(graph):
    user, item = interaction_degrees(graph)
    torch.testing.assert_close(user, graph["user"].degree)
    torch.testing.assert_close(item, graph["item"].degree)
    assert item[-1] == 0


def test_transform_writes_them(graph):
    bare = graph.clone()
    del bare["user"].degree, bare["item"].degree
    assert torch.equal(Degrees()(bare)["item"].degree, graph["item"].degree)


def test_interactions_come_with_their_reverse_and_degrees(graph):
    pairs = torch.tensor([[0, 0, 2], [1, 2, 1]])
    set_interactions(graph, pairs)
    assert torch.equal(graph["item", "rev_interacts", "user"].edge_index, pairs[[1, 0]])
    assert graph["user"].degree[:3].tolist() == [2, 0, 1]
    assert graph["item"].degree[:3].tolist() == [0, 2, 1]
