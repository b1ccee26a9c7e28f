"""The edges of a graph that something has to draw first."""

from collections.abc import Iterable

from torch_geometric.data import HeteroData
from torch_geometric.data.storage import EdgeStorage

from mmgraph.typing import EdgeType

_DRAWN_BY = {
    "similar": "mmgraph.transforms.KNNGraph with merge=true draws them (graph=freedom)",
    "knn": "mmgraph.transforms.KNNGraph with merge=false draws them for every modality it is given (graph=rednd)",
    "co_interacts": "mmgraph.transforms.CoInteractionGraph draws them (graph=co_interaction)",
    "prefers": "mmgraph.transforms.LLMAugmentation draws them (graph=llmrec)",
    "rejects": "mmgraph.transforms.LLMAugmentation draws them (graph=llmrec)",
}


def check_edges(graph: HeteroData, edge_types: Iterable[EdgeType]) -> None:
    """Refuses a graph that lacks an edge type.

    Args:
        graph: the graph.
        edge_types: what it has to have.

    Raises:
        ValueError: for the first one that is missing; names what draws it.

    Example:
        >>> check_edges(HeteroData(), [("user", "co_interacts", "user")])
        Traceback (most recent call last):
            ...
        ValueError: the graph has no edges ('user', 'co_interacts', 'user'), which this model reads: ...
    """
    for edge_type in edge_types:
        if edge_type not in graph.edge_types:
            relation = edge_type[1]
            drawn = _DRAWN_BY.get(relation) or _DRAWN_BY.get(relation.rpartition("_")[2])
            advice = (
                f"{drawn}, and without graph=... a model brings all that it reads"
                if drawn
                else "choose another graph=..."
            )
            raise ValueError(
                f"the graph has no edges {edge_type}, which this model reads: {advice}. It has {graph.edge_types}"
            )


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
    check_edges(graph, [(source, relation, target)])
    return graph[source, relation, target]
