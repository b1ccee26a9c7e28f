"""Neighbourhoods of some nodes of a graph that processes divide, sampled hop by hop where the edges are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Int64
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.data.storage import NodeStorage

from mmgraph.loader.neighbor_plan import Incoming, others
from mmgraph.nn import SAMPLE_SCALE, find_sorted
from mmgraph.processes.partition import AskedRows
from mmgraph.typing import EdgeType

ASKED = "asked"
"""Where the nodes of a sample keep who has their rows (:class:`~mmgraph.processes.partition.AskedRows`)."""


@dataclass
class _Drawn:
    """The edges of one type that a sample has so far, and of each target that was reached how many there are in all."""

    source: list[Tensor] = field(default_factory=list)
    target: list[Tensor] = field(default_factory=list)
    weight: list[Tensor] = field(default_factory=list)
    everyone: list[Tensor] = field(default_factory=list)


class DividedPlan:
    """What :class:`~mmgraph.loader.neighbor_plan.NeighborPlan` is, where each process has the edges of its own nodes.

    Each process samples the neighbourhood of its own nodes among the seeds. Frontier by frontier, it asks the owners of
    the nodes that it reached; they draw from the edges that end there, and answer. A node keeps its sample throughout a
    step within a process; two processes that reach the same node draw for it twice.

    Args:
        part: this process's (:func:`mmgraph.transforms.own_part`).
        counts: neighbours drawn of each node at every hop, by edge type; -1: all.
        features: whether the features of items come along.
        generator: draws what others ask of this process; differs between processes.
    """

    def __init__(
        self,
        part: HeteroData,
        counts: Mapping[EdgeType, Sequence[int]],
        *,
        features: bool = True,
        generator: torch.Generator | None = None,
    ) -> None:
        self.part = part
        self.features = features
        self.counts = counts
        self.generator = generator
        self.num_hops = max(map(len, counts.values()), default=0)
        self.incoming = {
            edge_type: Incoming(part[edge_type], int(part[edge_type[2]].num_nodes)) for edge_type in counts
        }

    def sample(self, seeds: Mapping[str, Int64[Tensor, " seeds"]]) -> HeteroData:
        """The subgraph of this process's seeds and what they are reached from.

        Every process must call it, with the same seeds.

        Args:
            seeds: different nodes by type, as all processes count; those that are this process's come first in the
                subgraph.

        Raises:
            ConnectionError: if another process is gone; explains how to go on.
        """
        nodes = {side: rows[self.part[side].rows.is_own(rows)] for side, rows in seeds.items()}
        new = dict(nodes)
        drawn = {edge_type: _Drawn() for edge_type in self.incoming}
        for hop in range(self.num_hops):
            asked = {side: AskedRows(rows, self.part[side].rows) for side, rows in new.items()}
            first = {side: rows.numel() - new[side].numel() for side, rows in nodes.items()}
            for edge_type, edges in drawn.items():
                target = edge_type[2]
                self._draw(edges, asked[target], first[target], edge_type, self.counts[edge_type][hop])
            new = {side: others(self._reached(side, drawn), rows) for side, rows in nodes.items()}
            nodes = {side: torch.cat([rows, new[side]]) for side, rows in nodes.items()}
        return self._subgraph(nodes, drawn)

    def _draw(self, edges: _Drawn, asked: AskedRows, first: int, edge_type: EdgeType, size: int) -> None:
        """Adds the edges of some targets, the first of which is node number ``first`` of the sample."""
        incoming = self.incoming[edge_type]
        store = incoming.store
        row, edge = incoming.draw_by_row(asked.own, size, self.generator)
        row, order = row.sort(stable=True)
        edge = edge[order]
        values = [incoming.source(edge)]
        if "edge_weight" in store:
            values.append(store.edge_weight[edge])
        target, received = asked.sent_lists(torch.bincount(row, minlength=asked.own.numel()), values, "neighbours")
        edges.target.append(target + first)
        edges.source.append(received[0])
        edges.weight += received[1:]
        edges.everyone.append(asked.sent(incoming.count(asked.own), "neighbours"))

    @staticmethod
    def _reached(side: str, drawn: Mapping[EdgeType, _Drawn]) -> Tensor:
        """The sources that the last hop found."""
        return torch.cat([edges.source[-1] for edge_type, edges in drawn.items() if edge_type[0] == side])

    def _subgraph(self, nodes: Mapping[str, Tensor], drawn: Mapping[EdgeType, _Drawn]) -> HeteroData:
        subgraph = HeteroData()
        for side, rows in nodes.items():
            self._describe(subgraph[side], self.part[side], rows)
        number = {side: _Numbers(rows) for side, rows in nodes.items()}
        for edge_type in self.part.edge_types:
            store = subgraph[edge_type]
            edges = drawn.get(edge_type)
            if edges is None or not edges.source:
                store.edge_index = next(iter(nodes.values())).new_empty(2, 0)
                continue
            target = torch.cat(edges.target)
            store.edge_index = torch.stack([number[edge_type[0]](torch.cat(edges.source)), target])
            if edges.weight:
                store.edge_weight = torch.cat(edges.weight)
            store[SAMPLE_SCALE] = _scale(torch.cat(edges.everyone), target, nodes[edge_type[2]].numel())
        return subgraph

    def _describe(self, store: NodeStorage, own: NodeStorage, nodes: Tensor) -> None:
        """Writes down which nodes they are and what the graph says of them, which their owners know."""
        asked = AskedRows(nodes, own.rows)
        for name, value in own.items():
            is_read = self.features or not name.startswith("x_")
            if is_read and isinstance(value, Tensor) and value.dim() > 0 and value.size(0) == own.rows.num_own:
                store[name] = asked.answered(value, "attributes")
        store.num_nodes = nodes.numel()
        store.n_id = nodes
        store[ASKED] = asked


class _Numbers:
    """The positions of nodes in a sample.

    Args:
        nodes: different ones.
    """

    def __init__(self, nodes: Tensor) -> None:
        self.sorted, self.order = nodes.sort()

    def __call__(self, nodes: Tensor) -> Tensor:
        """Of nodes that are all there."""
        return self.order[find_sorted(self.sorted, nodes)[0]] if nodes.numel() else nodes


def _scale(everyone: Tensor, target: Tensor, num_targets: int) -> Tensor:
    """All edges of each target over the sampled ones; 1 where none was sampled, as with what was reached last."""
    sampled = torch.bincount(target, minlength=num_targets).float()
    total = sampled.new_ones(num_targets)
    total[: everyone.numel()] = everyone.float()
    return torch.where(sampled > 0, total / sampled.clamp(min=1), 1.0)
