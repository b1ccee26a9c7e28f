"""Compiles every convolution whole; a process of its own, since no compiler traces the tests' type checks."""

import torch
from torch_geometric.data import HeteroData

from mmgraph.nn import (
    HypergraphConv,
    LatentGraphConv,
    LightGCNConv,
    NeighborSimilarityConv,
    RoutingConv,
    SoftmaxGraphConv,
)


def main():
    torch.manual_seed(0)
    edge_index = torch.randint(10, (2, 40)).unique(dim=1)
    weight = torch.rand(edge_index.size(1))
    check(LightGCNConv(), edge_index)
    check(LightGCNConv(flow="target_to_source", aggr="max"), edge_index, weight)
    check(NeighborSimilarityConv(), edge_index)
    check(NeighborSimilarityConv(include_self=False, norm="sym"), edge_index)
    check(RoutingConv(), edge_index)
    check(SoftmaxGraphConv(), edge_index, weight)
    check(HypergraphConv(), torch.rand(10, 3))
    graph = HeteroData(item={"num_nodes": 10})
    for relation, learned in (("text_knn", weight), ("text_learned", None)):
        graph["item", relation, "item"].edge_index = edge_index
        graph["item", relation, "item"].edge_weight = learned
    check(LatentGraphConv(2, initial_share=0.5), {"text": torch.randn(10, 3)}, graph)
    check(LightGCNConv(), graph["item", "text_knn", "item"])


def check(conv, *others):
    """Compares vectors and gradients with those of the plain conv."""
    x = torch.randn(10, 4, requires_grad=True)
    compiled = torch.compile(conv, fullgraph=True, backend="aot_eager")
    outputs = [layer(x, *others) for layer in (compiled, conv)]
    torch.testing.assert_close(*outputs)
    torch.testing.assert_close(*(torch.autograd.grad(out.square().sum(), x) for out in outputs))
    print(type(conv).__name__)


if __name__ == "__main__":
    main()
