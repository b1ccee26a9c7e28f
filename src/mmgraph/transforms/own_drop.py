"""Stochastic views of a divided graph: each process leaves out of its part what one process leaves out of the whole."""

import copy
from collections.abc import Callable

import torch
from jaxtyping import Bool, Float32
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.utils import degree

from mmgraph.processes.partition import added_up, all_rows
from mmgraph.transforms.own_part import link_interactions
from mmgraph.typing import INTERACTS, REV_INTERACTS, EdgeType

Keeps = Callable[[EdgeType], Bool[Tensor, " edges"]]
"""Which of this process's interactions of one direction stay."""


def num_interactions(data: HeteroData) -> int:
    """How many interactions there are in the whole, whoever has them."""
    return int(data[INTERACTS].num_all)


def keep_own(data: HeteroData, keeps: Keeps) -> HeteroData:
    """A new part with some of the interactions, and degrees counted on them; ``data`` stays as it is."""
    pruned = copy.copy(data)
    for edge_type in (INTERACTS, REV_INTERACTS):
        kept = keeps(edge_type).nonzero().flatten()
        edges = pruned[edge_type]
        edges.edge_index = edges.edge_index.index_select(1, kept)
        edges.number = edges.number.index_select(0, kept)
        target = pruned[edge_type[2]]
        target.degree = degree(edges.edge_index[1], target.rows.num_own, target.degree.dtype)
    link_interactions(pruned)
    return pruned


def drop_own_edges(data: HeteroData, count: int) -> HeteroData:
    """Keeps ``count`` interactions of the whole, drawn as :func:`~mmgraph.transforms.drop_edges` draws them.

    Every process draws for the whole, 9 bytes an interaction for a moment: so all agree, and with one process.
    """
    total = num_interactions(data)
    kept = torch.zeros(total, dtype=torch.bool, device=data[INTERACTS].edge_index.device)
    kept[torch.randperm(total, device=kept.device)[:count]] = True
    return keep_own(data, lambda edge_type: kept[data[edge_type].number])


def drop_own_popular(data: HeteroData, count: int) -> HeteroData:
    """Keeps ``count`` interactions, drawn as :func:`~mmgraph.transforms.degree_sensitive_drop` draws them.

    Every process draws the race of the whole, 4 bytes an interaction for a moment; whose arrival is the last that
    counts is found together, bit by bit.
    """
    start = torch.empty(num_interactions(data), device=data[INTERACTS].edge_index.device).exponential_()
    arrival = {edge_type: _arrival(data, edge_type, start) for edge_type in (INTERACTS, REV_INTERACTS)}
    last = _smallest(arrival[REV_INTERACTS], count)
    return keep_own(data, lambda edge_type: arrival[edge_type] <= last)


def _arrival(data: HeteroData, edge_type: EdgeType, start: Tensor) -> Tensor:
    source, target = data[edge_type[0]], data[edge_type[2]]
    from_all, to_own = data[edge_type].edge_index
    chance = (all_rows(source.degree, source.rows)[from_all] * target.degree[to_own]).rsqrt()
    return start[data[edge_type].number] / chance


def _smallest(own: Float32[Tensor, " own"], count: int) -> Tensor:
    """The ``count``-th smallest of all processes' numbers, none of which is negative.

    Such numbers are in the order of their bits, read as whole numbers: 31 halvings find the one.
    """
    bits = own.view(torch.int32)
    low, high = 0, 2**31 - 1
    while low < high:
        middle = (low + high) // 2
        if int(added_up((bits <= middle).sum())) >= count:
            high = middle
        else:
            low = middle + 1
    return torch.tensor(low, dtype=torch.int32, device=own.device).view(torch.float32)
