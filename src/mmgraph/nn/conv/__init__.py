"""Message-passing operators, one a file, for any PyTorch Geometric project."""

from mmgraph.nn.conv.hypergraph import HypergraphConv
from mmgraph.nn.conv.light_gcn import LightGCNConv, edge_norm

__all__ = ["HypergraphConv", "LightGCNConv", "edge_norm"]
