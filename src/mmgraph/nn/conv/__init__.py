"""Message-passing operators, one a file, for any PyTorch Geometric project."""

from mmgraph.nn.conv.hypergraph import HypergraphConv
from mmgraph.nn.conv.light_gcn import LightGCNConv, edge_norm
from mmgraph.nn.conv.neighbor_similarity import NeighborSimilarityConv
from mmgraph.nn.conv.routing import RoutingConv
from mmgraph.nn.conv.softmax_graph import SoftmaxGraphConv

__all__ = [
    "HypergraphConv",
    "LightGCNConv",
    "NeighborSimilarityConv",
    "RoutingConv",
    "SoftmaxGraphConv",
    "edge_norm",
]
