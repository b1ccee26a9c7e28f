"""A graph with more users and items."""

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.extension.new_nodes import NewNodes
from mmgraph.models import item_features
from mmgraph.nn import check_in_memory
from mmgraph.transforms import interaction_degrees
from mmgraph.typing import INTERACTS, REV_INTERACTS


def grow_graph(graph: HeteroData, new: NewNodes, *, both_ways: bool) -> HeteroData:
    """The message graph with its new users and items; what transforms drew is left out, ``graph`` stays as it is.

    Args:
        graph: the old one.
        new: what is new, scaled as what is old.
        both_ways: whether messages lead from new nodes to old ones, whose degrees then count them. Else old nodes get
            the messages that they got before, so that nothing changes for them.

    Example:
        >>> from mmgraph.datasets import Synthetic
        >>> graph = Synthetic(num_users=60, num_items=40)[0]
        >>> new = NewNodes(num_users=1, edge_index=torch.tensor([[60, 60], [3, 4]]))
        >>> one_way = grow_graph(graph, new, both_ways=False)
        >>> [one_way[kind].edge_index.size(1) - graph[kind].edge_index.size(1) for kind in (INTERACTS, REV_INTERACTS)]
        [0, 2]
    """
    check_in_memory(graph, "a graph with new users or items")
    num_users = int(graph["user"].num_nodes)
    num_items = int(graph["item"].num_nodes)
    grown = HeteroData()
    grown["user"].num_nodes = num_users + new.num_users
    grown["item"].num_nodes = num_items + new.num_items
    device = graph[INTERACTS].edge_index.device
    edges = new.edge_index.to(device)
    to_item = edges if both_ways else edges[:, edges[1] >= num_items]
    to_user = edges if both_ways else edges[:, edges[0] >= num_users]
    before = graph[INTERACTS].edge_index
    back = graph[REV_INTERACTS].edge_index.flip(0)
    grown[INTERACTS].edge_index = _sorted(torch.cat([before, to_item], dim=1), grown)
    grown[REV_INTERACTS].edge_index = _sorted(torch.cat([back, to_user], dim=1), grown).flip(0)
    everything = HeteroData(user={"num_nodes": grown["user"].num_nodes}, item={"num_nodes": grown["item"].num_nodes})
    everything[INTERACTS].edge_index = torch.cat([before, edges], dim=1)
    for side, degree in zip(("user", "item"), interaction_degrees(everything), strict=True):
        old = graph[side].degree
        grown[side].degree = degree if both_ways else torch.cat([old, degree[old.numel() :]])
    for name, x in item_features(graph).items():
        _add_features(grown, graph, new, name, x)
    return grown


def _sorted(edge_index: Tensor, grown: HeteroData) -> Tensor:
    """By user, then item, as data sets have them."""
    return edge_index[:, (edge_index[0] * grown["item"].num_nodes + edge_index[1]).argsort()]


def _add_features(grown: HeteroData, graph: HeteroData, new: NewNodes, name: str, x: Tensor) -> None:
    """Features of old and new items; those of an item that lacks the modality are the mean."""
    has = new.has_feature(name)
    later = x.mean(0).expand(new.num_items, -1).clone()
    later[has] = new.features[name][has].to(x) if has.any() else later[has]
    grown["item"][f"x_{name}"] = torch.cat([x, later])
    known = dict(graph["item"]).get(f"has_{name}")
    if known is not None or not has.all():
        before = torch.ones(x.size(0), dtype=torch.bool) if known is None else known
        grown["item"][f"has_{name}"] = torch.cat([before, has.to(before.device)])
