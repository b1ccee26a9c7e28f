"""A batch's own nodes, for models whose vectors depend on no other node."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.loader.utils import filter_hetero_data

from mmgraph.nn import BY_TARGET
from mmgraph.reading import expect_rows
from mmgraph.typing import Triplets


def own_nodes(batch: Triplets, graph: HeteroData) -> tuple[HeteroData, Triplets]:
    """The graph of a batch's nodes without edges, ``n_id`` being their numbers, and the batch in its rows.

    Args:
        batch: rows of ``graph``.
        graph: all nodes.

    Example:
        >>> graph = HeteroData(user={"num_nodes": 9}, item={"num_nodes": 9})
        >>> batch = Triplets(torch.tensor([7, 7]), torch.tensor([3, 8]), torch.tensor([8, 5]))
        >>> subgraph, own = own_nodes(batch, graph)
        >>> subgraph["item"].n_id, own.pos_item, own.neg_item
        (tensor([3, 5, 8]), tensor([0, 2]), tensor([2, 1]))
    """
    nodes, own = number_nodes(batch)
    return nodes_alone(graph, nodes), own


def nodes_alone(graph: HeteroData, nodes: Mapping[str, Tensor]) -> HeteroData:
    """Some nodes of a graph with what it says of them, and no edge; ``n_id`` are their numbers.

    Args:
        graph: all nodes, whose features may lie in files.
        nodes: those to take, by type.
    """
    for x in graph["item"].values():
        if isinstance(x, Tensor):
            expect_rows(x)
    subgraph = filter_hetero_data(graph, dict(nodes), {}, {}, {})
    for side, rows in nodes.items():
        subgraph[side].n_id = rows
    for store in subgraph.edge_stores:
        if store.pop(BY_TARGET, None) is not None:
            store.edge_index = next(iter(nodes.values())).new_empty(2, 0)
    return subgraph


def number_nodes(batch: Triplets) -> tuple[dict[str, Tensor], Triplets]:
    """A batch's nodes by type, ascending, and the batch in their positions, all of which are its own.

    Args:
        batch: rows of a graph.
    """
    user, users = batch.user.unique(return_inverse=True)
    item, items = torch.cat([batch.pos_item, batch.neg_item.flatten()]).unique(return_inverse=True)
    nodes = {"user": user, "item": item}
    positive, negative = items.tensor_split([batch.pos_item.numel()])
    everyone = {side: torch.arange(rows.numel(), device=rows.device) for side, rows in nodes.items()}
    return nodes, Triplets(users, positive, negative.view_as(batch.neg_item), everyone)
