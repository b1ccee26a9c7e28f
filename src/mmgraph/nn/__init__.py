"""Layers and blocks that know torch and PyTorch Geometric only: lift them into any project."""

from mmgraph.nn.assignment import SoftAssignment, soft_assignment
from mmgraph.nn.conv import HypergraphConv, LightGCNConv, edge_norm
from mmgraph.nn.fusion import ModalityAttention, weighted_concat
from mmgraph.nn.hypergraph import HypergraphPropagation
from mmgraph.nn.modality_propagation import ModalityPropagation
from mmgraph.nn.projection import ModalityProjection, feature_dims
from mmgraph.nn.propagation import BipartitePropagation
from mmgraph.nn.spmm import spmm

__all__ = [
    "BipartitePropagation",
    "HypergraphConv",
    "HypergraphPropagation",
    "LightGCNConv",
    "ModalityAttention",
    "ModalityProjection",
    "ModalityPropagation",
    "SoftAssignment",
    "edge_norm",
    "feature_dims",
    "soft_assignment",
    "spmm",
    "weighted_concat",
]
