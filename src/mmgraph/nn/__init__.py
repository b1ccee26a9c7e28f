"""Layers and blocks that know torch and PyTorch Geometric only: lift them into any project."""

from mmgraph.nn.conv import LightGCNConv, edge_norm
from mmgraph.nn.fusion import ModalityAttention, weighted_concat
from mmgraph.nn.projection import ModalityProjection, feature_dims
from mmgraph.nn.propagation import BipartitePropagation
from mmgraph.nn.spmm import spmm

__all__ = [
    "BipartitePropagation",
    "LightGCNConv",
    "ModalityAttention",
    "ModalityProjection",
    "edge_norm",
    "feature_dims",
    "spmm",
    "weighted_concat",
]
