import pytest
import torch
from torch_geometric.data import HeteroData

from mmgraph.nn import GraphSmoothing, SoftmaxGraphConv


@pytest.fixture
def ring():
    """Three items; each gets half of the one before it."""
    graph = HeteroData(item={"num_nodes": 3})
    graph["item", "similar", "item"].edge_index = torch.tensor([[0, 1, 2], [1, 2, 0]])
    graph["item", "similar", "item"].edge_weight = torch.full((3,), 0.5)
    return graph


def test_rounds_of_weighted_sums(ring):
    x = torch.tensor([[4.0], [8.0], [16.0]])
    assert GraphSmoothing(1)(x, ring, "item", "similar").tolist() == [[8.0], [2.0], [4.0]]
    assert GraphSmoothing(2)(x, ring, "item", "similar").tolist() == [[2.0], [4.0], [1.0]]


def test_another_conv_and_sampled_edges(ring):
    x = torch.tensor([[4.0], [8.0], [16.0]])
    assert GraphSmoothing(1, SoftmaxGraphConv())(x, ring, "item", "similar").tolist() == [[16.0], [4.0], [8.0]]
    ring["item", "similar", "item"].sample_scale = torch.tensor([1.0, 2.0, 3.0])
    assert GraphSmoothing(1)(x, ring, "item", "similar").tolist() == [[8.0], [4.0], [12.0]]


def test_edges_are_needed_for_rounds_only(ring):
    x = torch.ones(3, 1)
    assert GraphSmoothing(0)(x, ring, "item", "text_knn") is x
    with pytest.raises(ValueError, match=r"no edges .*text_knn.*KNNGraph"):
        GraphSmoothing(1)(x, ring, "item", "text_knn")
