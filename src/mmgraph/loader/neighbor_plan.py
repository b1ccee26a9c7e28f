"""Neighbourhoods of some nodes of a graph, sampled hop by hop."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.loader.draw import draw_places
from mmgraph.loader.own_nodes import rows_of
from mmgraph.nn import SAMPLE_SCALE
from mmgraph.typing import EdgeType


class _Incoming(NamedTuple):
    """The edges of one type by their targets: where each target's begin, how many there are, which ones they are."""

    start: Tensor
    degree: Tensor
    edge: Tensor


class NeighborPlan:
    """What neighbourhoods are sampled from.

    Args:
        graph: all nodes and edges.
        counts: neighbours drawn of each node at every hop, by edge type; -1: all.
    """

    def __init__(self, graph: HeteroData, counts: Mapping[EdgeType, Sequence[int]]) -> None:
        self.graph = graph
        self.counts = counts
        self.num_hops = max(map(len, counts.values()), default=0)
        self.incoming = {edge_type: self._incoming(edge_type) for edge_type in graph.edge_types}

    def _incoming(self, edge_type: EdgeType) -> _Incoming:
        target = self.graph[edge_type].edge_index[1]
        degree = torch.bincount(target, minlength=int(self.graph[edge_type[2]].num_nodes))
        return _Incoming(degree.cumsum(0) - degree, degree, target.argsort(stable=True))

    def sample(self, seeds: Mapping[str, Tensor]) -> HeteroData:
        """The subgraph of the seeds and what they are reached from; a node draws its neighbours once.

        Args:
            seeds: different nodes by type, which come first in the subgraph.
        """
        nodes = {side: seeds.get(side, self._none()) for side in self.graph.node_types}
        new = dict(nodes)
        edges: dict[EdgeType, list[Tensor]] = {edge_type: [self._none()] for edge_type in self.incoming}
        for hop in range(self.num_hops):
            reached: dict[str, list[Tensor]] = {side: [self._none()] for side in nodes}
            for edge_type, drawn in edges.items():
                edge = self._draw(edge_type, new[edge_type[2]], self.counts[edge_type][hop])
                drawn.append(edge)
                reached[edge_type[0]].append(self.graph[edge_type].edge_index[0].index_select(0, edge))
            new = {side: _others(torch.cat(found), nodes[side]) for side, found in reached.items()}
            nodes = {side: torch.cat([known, new[side]]) for side, known in nodes.items()}
        return self._subgraph(nodes, {edge_type: torch.cat(drawn) for edge_type, drawn in edges.items()})

    def _none(self) -> Tensor:
        return next(iter(self.incoming.values())).edge[:0]

    def _draw(self, edge_type: EdgeType, target: Tensor, size: int) -> Tensor:
        start, degree, edge = self.incoming[edge_type]
        _, place = draw_places(start.index_select(0, target), degree.index_select(0, target), size)
        return edge.index_select(0, place)

    def _subgraph(self, nodes: dict[str, Tensor], edges: dict[EdgeType, Tensor]) -> HeteroData:
        subgraph = rows_of(self.graph, nodes)
        number = {side: self._numbers(side, rows) for side, rows in nodes.items()}
        for edge_type, edge in edges.items():
            for key, value in self.graph[edge_type].items():
                subgraph[edge_type][key] = value.index_select(1 if key == "edge_index" else 0, edge)
            source, target = subgraph[edge_type].edge_index
            pair = (number[edge_type[0]][source], number[edge_type[2]][target])
            subgraph[edge_type].edge_index = torch.stack(pair)
            subgraph[edge_type][SAMPLE_SCALE] = self._scale(edge_type, nodes[edge_type[2]], pair[1])
        return subgraph

    def _numbers(self, side: str, rows: Tensor) -> Tensor:
        number = rows.new_empty(int(self.graph[side].num_nodes))
        number[rows] = torch.arange(rows.numel(), device=rows.device)
        return number

    def _scale(self, edge_type: EdgeType, nodes: Tensor, target: Tensor) -> Tensor:
        everyone = self.incoming[edge_type].degree.index_select(0, nodes).float()
        sampled = torch.bincount(target, minlength=nodes.numel()).float()
        return torch.where(sampled > 0, everyone / sampled.clamp(min=1), 1.0)


def _others(found: Tensor, known: Tensor) -> Tensor:
    """What of the nodes found is not known yet, each once."""
    found = found.unique()
    return found[~torch.isin(found, known)]
