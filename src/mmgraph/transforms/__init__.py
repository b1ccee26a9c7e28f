"""``HeteroData`` in, ``HeteroData`` with more or fewer edges out; a pure function beside each class."""

from mmgraph.transforms.co_interaction import CoInteractionGraph, co_interaction_graph
from mmgraph.transforms.degree import Degrees, interaction_degrees
from mmgraph.transforms.edge_drop import (
    EdgeDrop,
    add_interactions,
    degree_sensitive_drop,
    drop_edges,
    drop_nodes,
    keep_interactions,
)
from mmgraph.transforms.knn import KNNGraph, knn_graph, merge_graphs, modality_weights
from mmgraph.transforms.learned_knn import add_learned_knn
from mmgraph.transforms.sample_neighbors import sample_edges, sample_neighbors

__all__ = [
    "CoInteractionGraph",
    "Degrees",
    "EdgeDrop",
    "KNNGraph",
    "add_interactions",
    "add_learned_knn",
    "co_interaction_graph",
    "degree_sensitive_drop",
    "drop_edges",
    "drop_nodes",
    "interaction_degrees",
    "keep_interactions",
    "knn_graph",
    "merge_graphs",
    "modality_weights",
    "sample_edges",
    "sample_neighbors",
]
