"""The edges of a graph that something has to draw first."""

from torch_geometric.data import HeteroData
from torch_geometric.data.storage import EdgeStorage

_DRAWN_BY = {
    "similar": "mmgraph.transforms.KNNGraph with merge=true draws them (graph=freedom)",
    "knn": "mmgraph.transforms.KNNGraph with merge=false draws them for every modality it is given (graph=rednd)",
    "co_interacts": "mmgraph.transforms.CoInteractionGraph draws them (graph=dualgnn)",
}


def edge_store(graph: HeteroData, source: str, relation: str, target: str) -> EdgeStorage:
    """The edges of one type; PyG itself would give empty ones for a type that is not there.

    Args:
        graph: the graph.
        source: type of the nodes they come from.
        relation: their name.
        target: type of the nodes they go to.

    Raises:
        ValueError: if the graph has none; names what draws them.

    Example:
        >>> edge_store(HeteroData(), "item", "similar", "item")
        Traceback (most recent call last):
            ...
        ValueError: the graph has no edges ('item', 'similar', 'item'), which this model reads: ...
    """
    if (source, relation, target) not in graph.edge_types:
        drawn = _DRAWN_BY.get(relation) or _DRAWN_BY.get(relation.rpartition("_")[2])
        advice = f"{drawn}, and graph=<model> draws all that a model reads" if drawn else "choose another graph=..."
        raise ValueError(
            f"the graph has no edges {(source, relation, target)}, which this model reads: {advice}. "
            f"It has {graph.edge_types}"
        )
    return graph[source, relation, target]
