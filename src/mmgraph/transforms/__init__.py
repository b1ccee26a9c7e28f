"""``HeteroData`` in, ``HeteroData`` with more or fewer edges out; a pure function beside each class."""

from mmgraph.transforms.augmentation import (
    PREFERS,
    REJECTS,
    Augmentation,
    LLMAugmentation,
    add_augmentation,
    read_augmentation,
    stand_in,
)
from mmgraph.transforms.co_interaction import CoInteractionGraph, co_interaction_graph
from mmgraph.transforms.degree import Degrees, interaction_degrees, set_interactions
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
from mmgraph.transforms.nearest import nearest_rows
from mmgraph.transforms.own_part import own_part
from mmgraph.transforms.sample_neighbors import sample_edges, sample_neighbors
from mmgraph.transforms.top_entries import top_entries
from mmgraph.transforms.user_items import add_user_items, top_unseen_items, weigh_with_loops

__all__ = [
    "PREFERS",
    "REJECTS",
    "Augmentation",
    "CoInteractionGraph",
    "Degrees",
    "EdgeDrop",
    "KNNGraph",
    "LLMAugmentation",
    "add_augmentation",
    "add_interactions",
    "add_learned_knn",
    "add_user_items",
    "co_interaction_graph",
    "degree_sensitive_drop",
    "drop_edges",
    "drop_nodes",
    "interaction_degrees",
    "keep_interactions",
    "knn_graph",
    "merge_graphs",
    "modality_weights",
    "nearest_rows",
    "own_part",
    "read_augmentation",
    "sample_edges",
    "sample_neighbors",
    "set_interactions",
    "stand_in",
    "top_entries",
    "top_unseen_items",
    "weigh_with_loops",
]
