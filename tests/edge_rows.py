"""Graphs whose interactions are held by target, as those in files are."""

import torch
from torch_geometric.data import HeteroData

from mmgraph.nn import BY_TARGET, EdgeRows
from mmgraph.typing import INTERACTS, REV_INTERACTS


def rows_of(edge_index, num_targets):
    """Edges by target, sources ascending."""
    source, target = edge_index[:, (edge_index[1] * 10**6 + edge_index[0]).argsort()]
    count = torch.bincount(target, minlength=num_targets)
    return EdgeRows(torch.cat([torch.zeros(1, dtype=torch.long), count.cumsum(0)]), source.int())


def as_mapped(graph):
    """The same graph, its interactions by target; other edges are left out."""
    found = HeteroData()
    for side in ("user", "item"):
        for key, value in graph[side].items():
            found[side][key] = value
    for edge_type in (INTERACTS, REV_INTERACTS):
        found[edge_type][BY_TARGET] = rows_of(graph[edge_type].edge_index, int(graph[edge_type[2]].num_nodes))
        for key, value in graph[edge_type].items():
            if "edge_label" in key:
                found[edge_type][key] = value
    return found
