"""Layers and blocks that know torch and PyTorch Geometric only: lift them into any project."""

from mmgraph.nn.closed_form.ridge import (
    common_users,
    interaction_gram,
    multiply_left_,
    ridge_inverse_,
    ridge_solution_,
    ridge_weights_,
)
from mmgraph.nn.closed_form.unit_rows import UnitRows
from mmgraph.nn.closed_form.weighed_features import WeighedFeatures, modality_numbers
from mmgraph.nn.common.cosine import scale_by_cosine
from mmgraph.nn.common.edge_store import check_edges, edge_store
from mmgraph.nn.common.initialization import (
    TableDict,
    identity_matrices,
    redraw_,
    xavier_matrices_,
    xavier_normal,
    xavier_uniform,
)
from mmgraph.nn.common.kmeans import kmeans
from mmgraph.nn.common.linear_attention import linear_attention
from mmgraph.nn.common.reset import Resettable, reset_parts
from mmgraph.nn.common.sampled_sum import SAMPLE_SCALE, rescale_sum
from mmgraph.nn.common.scorer import PairMLP, TwoTowers
from mmgraph.nn.common.sides import add_sides, concat_sides, normalize_sides, scale_sides
from mmgraph.nn.conv import (
    HypergraphConv,
    LightGCNConv,
    NeighborSimilarityConv,
    RoutingConv,
    SoftmaxGraphConv,
    edge_norm,
)
from mmgraph.nn.conv.latent_graph import LatentGraphConv, edge_cosine
from mmgraph.nn.generative.critic import RowCritic
from mmgraph.nn.generative.diffusion import RowDenoiser, RowDiffusion
from mmgraph.nn.generative.noise_schedule import GaussianDiffusion
from mmgraph.nn.hyperedges.assignment import SoftAssignment, assignment_logits, soft_assignment
from mmgraph.nn.hyperedges.hypergraph_propagation import HypergraphPropagation
from mmgraph.nn.hyperedges.mixing import HyperedgeMixing
from mmgraph.nn.modality.alignment import MatrixAlignment, SharedAlignment
from mmgraph.nn.modality.feature_tables import FeatureTables
from mmgraph.nn.modality.fusion import (
    ModalityAttention,
    QueryAttention,
    user_shares,
    weighted_concat,
    weighted_sum,
    without_column,
)
from mmgraph.nn.modality.gate import BehaviorGate
from mmgraph.nn.modality.nodes import ModalityNodes, noted_tables, read_rows, table_rows, tables_read_by
from mmgraph.nn.modality.projection import ModalityProjection, feature_dims
from mmgraph.nn.modality.self_attention import ModalitySelfAttention
from mmgraph.nn.modality.streamed_linear import FeatureLinear, feature_linear
from mmgraph.nn.propagation.alternating import AlternatingPropagation
from mmgraph.nn.propagation.bipartite import BipartitePropagation
from mmgraph.nn.propagation.by_similarity import SimilarityPropagation
from mmgraph.nn.propagation.edge_dropout import EdgeDropout
from mmgraph.nn.propagation.homogeneous import HomogeneousPropagation
from mmgraph.nn.propagation.joint import JointPropagation
from mmgraph.nn.propagation.looped_round import looped_round
from mmgraph.nn.propagation.per_modality import ModalityPropagation
from mmgraph.nn.propagation.preference import PreferencePropagation
from mmgraph.nn.propagation.smoothing import GraphSmoothing
from mmgraph.nn.sparse.edge_dot import edge_dot
from mmgraph.nn.sparse.edge_rows import BY_TARGET, EdgeRows, check_in_memory, edge_rows, mapped_tensor
from mmgraph.nn.sparse.lookup import find_sorted, ragged_rows
from mmgraph.nn.sparse.rows import (
    entry_values,
    interaction_coo,
    interaction_csr,
    product_entries,
    product_rows,
    row_entries,
    sparse_tensor,
)
from mmgraph.nn.sparse.similarity import similarity_coefficients
from mmgraph.nn.sparse.spmm import TensorCache, spmm
from mmgraph.nn.sparse.weighted_spmm import weighted_spmm

__all__ = [
    "BY_TARGET",
    "SAMPLE_SCALE",
    "AlternatingPropagation",
    "BehaviorGate",
    "BipartitePropagation",
    "EdgeDropout",
    "EdgeRows",
    "FeatureLinear",
    "FeatureTables",
    "GaussianDiffusion",
    "GraphSmoothing",
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
    "Resettable",
    "RoutingConv",
    "RowCritic",
    "RowDenoiser",
    "RowDiffusion",
    "SharedAlignment",
    "SimilarityPropagation",
    "SoftAssignment",
    "SoftmaxGraphConv",
    "TableDict",
    "TensorCache",
    "TwoTowers",
    "UnitRows",
    "WeighedFeatures",
    "add_sides",
    "assignment_logits",
    "check_edges",
    "check_in_memory",
    "common_users",
    "concat_sides",
    "edge_cosine",
    "edge_dot",
    "edge_norm",
    "edge_rows",
    "edge_store",
    "entry_values",
    "feature_dims",
    "feature_linear",
    "find_sorted",
    "identity_matrices",
    "interaction_coo",
    "interaction_csr",
    "interaction_gram",
    "kmeans",
    "linear_attention",
    "looped_round",
    "mapped_tensor",
    "modality_numbers",
    "multiply_left_",
    "normalize_sides",
    "noted_tables",
    "product_entries",
    "product_rows",
    "ragged_rows",
    "read_rows",
    "redraw_",
    "rescale_sum",
    "reset_parts",
    "ridge_inverse_",
    "ridge_solution_",
    "ridge_weights_",
    "row_entries",
    "scale_by_cosine",
    "scale_sides",
    "similarity_coefficients",
    "soft_assignment",
    "sparse_tensor",
    "spmm",
    "table_rows",
    "tables_read_by",
    "user_shares",
    "weighted_concat",
    "weighted_spmm",
    "weighted_sum",
    "without_column",
    "xavier_matrices_",
    "xavier_normal",
    "xavier_uniform",
]
