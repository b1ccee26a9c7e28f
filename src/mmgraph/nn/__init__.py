"""Layers and blocks that know torch and PyTorch Geometric only: lift them into any project."""

from mmgraph.nn.alignment import MatrixAlignment, SharedAlignment
from mmgraph.nn.alternating_propagation import AlternatingPropagation
from mmgraph.nn.assignment import SoftAssignment, assignment_logits, soft_assignment
from mmgraph.nn.conv import (
    HypergraphConv,
    LightGCNConv,
    NeighborSimilarityConv,
    RoutingConv,
    SoftmaxGraphConv,
    edge_norm,
)
from mmgraph.nn.critic import RowCritic
from mmgraph.nn.diffusion import RowDenoiser, RowDiffusion
from mmgraph.nn.edge_dot import edge_dot
from mmgraph.nn.edge_dropout import EdgeDropout
from mmgraph.nn.edge_store import edge_store
from mmgraph.nn.fusion import ModalityAttention, QueryAttention, weighted_concat, weighted_sum
from mmgraph.nn.gate import BehaviorGate
from mmgraph.nn.homogeneous_propagation import HomogeneousPropagation
from mmgraph.nn.hyperedge_mixing import HyperedgeMixing
from mmgraph.nn.hypergraph import HypergraphPropagation
from mmgraph.nn.initialization import identity_matrices, xavier_matrices_, xavier_normal, xavier_uniform
from mmgraph.nn.joint_propagation import JointPropagation
from mmgraph.nn.kmeans import kmeans
from mmgraph.nn.latent_graph import LatentGraphConv, edge_cosine
from mmgraph.nn.linear_attention import linear_attention
from mmgraph.nn.looped_round import looped_round
from mmgraph.nn.modality_nodes import ModalityNodes, table_rows
from mmgraph.nn.modality_propagation import ModalityPropagation
from mmgraph.nn.modality_self_attention import ModalitySelfAttention
from mmgraph.nn.noise_schedule import GaussianDiffusion
from mmgraph.nn.preference_propagation import PreferencePropagation
from mmgraph.nn.projection import ModalityProjection, feature_dims
from mmgraph.nn.propagation import BipartitePropagation
from mmgraph.nn.sampled_sum import rescale_sum
from mmgraph.nn.scorer import PairMLP, TwoTowers
from mmgraph.nn.sides import add_sides, concat_sides, normalize_sides, scale_sides, view_of
from mmgraph.nn.similarity import similarity_coefficients
from mmgraph.nn.similarity_propagation import SimilarityPropagation
from mmgraph.nn.sparse_rows import (
    entry_values,
    interaction_coo,
    interaction_csr,
    product_entries,
    product_rows,
    row_entries,
    sparse_tensor,
)
from mmgraph.nn.spmm import spmm
from mmgraph.nn.weighted_spmm import weighted_spmm

__all__ = [
    "AlternatingPropagation",
    "BehaviorGate",
    "BipartitePropagation",
    "EdgeDropout",
    "GaussianDiffusion",
    "HomogeneousPropagation",
    "HyperedgeMixing",
    "HypergraphConv",
    "HypergraphPropagation",
    "JointPropagation",
    "LatentGraphConv",
    "LightGCNConv",
    "MatrixAlignment",
    "ModalityAttention",
    "ModalityNodes",
    "ModalityProjection",
    "ModalityPropagation",
    "ModalitySelfAttention",
    "NeighborSimilarityConv",
    "PairMLP",
    "PreferencePropagation",
    "QueryAttention",
    "RoutingConv",
    "RowCritic",
    "RowDenoiser",
    "RowDiffusion",
    "SharedAlignment",
    "SimilarityPropagation",
    "SoftAssignment",
    "SoftmaxGraphConv",
    "TwoTowers",
    "add_sides",
    "assignment_logits",
    "concat_sides",
    "edge_cosine",
    "edge_dot",
    "edge_norm",
    "edge_store",
    "entry_values",
    "feature_dims",
    "identity_matrices",
    "interaction_coo",
    "interaction_csr",
    "kmeans",
    "linear_attention",
    "looped_round",
    "normalize_sides",
    "product_entries",
    "product_rows",
    "rescale_sum",
    "row_entries",
    "scale_sides",
    "similarity_coefficients",
    "soft_assignment",
    "sparse_tensor",
    "spmm",
    "table_rows",
    "view_of",
    "weighted_concat",
    "weighted_spmm",
    "weighted_sum",
    "xavier_matrices_",
    "xavier_normal",
    "xavier_uniform",
]
