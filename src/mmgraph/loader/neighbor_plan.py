"""Neighbourhoods of some nodes of a graph, sampled hop by hop."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.data.storage import EdgeStorage

from mmgraph.loader.draw import draw_places
from mmgraph.loader.own_nodes import nodes_alone
from mmgraph.nn import SAMPLE_SCALE, EdgeRows, edge_rows
from mmgraph.typing import EdgeType


class Incoming:
    """The edges of one type by their targets, of a graph in memory; an edge is its place in ``edge_index``.

    Args:
        store: holds them.
        num_targets: how many targets there are.
    """

    def __init__(self, store: EdgeStorage, num_targets: int) -> None:
        self.store = store
        target = store.edge_index[1]
        self.degree = torch.bincount(target, minlength=num_targets)
        self.start = self.degree.cumsum(0) - self.degree
        self.edge = target.argsort(stable=True)

    def count(self, target: Tensor) -> Tensor:
        """How many edges lead to targets."""
        return self.degree.index_select(0, target)

    def draw(self, target: Tensor, size: int) -> Tensor:
        """Some edges of each target."""
        return self.draw_by_row(target, size)[1]

    def draw_by_row(self, target: Tensor, size: int, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
        """Positions in ``target``, and edges of the targets there."""
        row, place = draw_places(self.start.index_select(0, target), self.count(target), size, generator)
        return row, self.edge.index_select(0, place)

    def source(self, edge: Tensor) -> Tensor:
        """Where edges come from."""
        return self.store.edge_index[0].index_select(0, edge)

    def values(self, edge: Tensor) -> dict[str, Tensor]:
        """All that the graph says of edges."""
        return {key: x.index_select(1 if key == "edge_index" else 0, edge) for key, x in self.store.items()}


class _MappedIncoming:
    """The same of :class:`~mmgraph.nn.EdgeRows`; an edge is its place in them.

    Args:
        rows: the edges.
    """

    def __init__(self, rows: EdgeRows) -> None:
        self.rows = rows
        self.count = rows.count
        self.source = rows.source_of

    def draw(self, target: Tensor, size: int) -> Tensor:
        """Some edges of each target."""
        return draw_places(self.rows.start(target), self.count(target), size)[1]

    def values(self, edge: Tensor) -> dict[str, Tensor]:
        """Where edges come from, and where they lead to."""
        return {"edge_index": torch.stack([self.source(edge), self.rows.target_of(edge)])}


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

    def _incoming(self, edge_type: EdgeType) -> Incoming | _MappedIncoming:
        rows = edge_rows(self.graph, edge_type)
        if rows is not None:
            return _MappedIncoming(rows)
        return Incoming(self.graph[edge_type], int(self.graph[edge_type[2]].num_nodes))

    def sample(self, seeds: Mapping[str, Tensor]) -> HeteroData:
        """The subgraph of the seeds and what they are reached from; a node draws its neighbours once.

        Args:
            seeds: different nodes by type, which come first in the subgraph.
        """
        none = next(iter(seeds.values()))[:0]
        nodes = {side: seeds.get(side, none) for side in self.graph.node_types}
        new = dict(nodes)
        edges: dict[EdgeType, list[Tensor]] = {edge_type: [none] for edge_type in self.incoming}
        for hop in range(self.num_hops):
            reached: dict[str, list[Tensor]] = {side: [none] for side in nodes}
            for edge_type, drawn in edges.items():
                incoming = self.incoming[edge_type]
                edge = incoming.draw(new[edge_type[2]], self.counts[edge_type][hop])
                drawn.append(edge)
                reached[edge_type[0]].append(incoming.source(edge))
            new = {side: others(torch.cat(found), nodes[side]) for side, found in reached.items()}
            nodes = {side: torch.cat([known, new[side]]) for side, known in nodes.items()}
        return self._subgraph(nodes, {edge_type: torch.cat(drawn) for edge_type, drawn in edges.items()})

    def _subgraph(self, nodes: dict[str, Tensor], edges: dict[EdgeType, Tensor]) -> HeteroData:
        subgraph = nodes_alone(self.graph, nodes)
        number = {side: self._numbers(side, rows) for side, rows in nodes.items()}
        for edge_type, edge in edges.items():
            for key, value in self.incoming[edge_type].values(edge).items():
                subgraph[edge_type][key] = value
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
        everyone = self.incoming[edge_type].count(nodes).float()
        sampled = torch.bincount(target, minlength=nodes.numel()).float()
        return torch.where(sampled > 0, everyone / sampled.clamp(min=1), 1.0)


def counts_by_type(graph: HeteroData, num_neighbors: Sequence[int], num_graph_hops: int) -> dict[EdgeType, list[int]]:
    """Neighbours drawn of each node at every hop, by edge type.

    Args:
        graph: whose edge types.
        num_neighbors: along the interactions.
        num_graph_hops: how many hops, the first ones, are along edges within a node type too.
    """
    within = [count if hop < num_graph_hops else 0 for hop, count in enumerate(num_neighbors)]
    return {kind: within if kind[0] == kind[2] else list(num_neighbors) for kind in graph.edge_types}


def others(found: Tensor, known: Tensor) -> Tensor:
    """What of the nodes found is not known yet, each once."""
    found = found.unique()
    return found[~torch.isin(found, known)]
