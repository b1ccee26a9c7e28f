"""Weighted sums on a graph that is divided by target rows (:func:`mmgraph.transforms.own_part`)."""

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.nn.conv.light_gcn import weigh_edges
from mmgraph.nn.sparse.block_matrix import BlockMatrix
from mmgraph.nn.sparse.spmm import Adjacency, TensorCache, product
from mmgraph.processes.partition import all_rows
from mmgraph.typing import INTERACTS, REV_INTERACTS, EdgeType

_SYMMETRIC = ("sym", "sum")
"""Norms by which an interaction weighs the same both ways."""

_adjacencies = TensorCache()


def divided_adjacency(graph: HeteroData, edge_type: EdgeType, *, norm: str) -> Adjacency:
    """This process's rows of the two matrices of one kind of edges; every process must ask for it.

    Args:
        graph: a process's part of the whole.
        edge_type: the edges; an ``edge_weight`` that they have stands in for ``norm``.
        norm: how messages are weighed, see :class:`~mmgraph.nn.LightGCNConv`.
    """
    if edge_type == INTERACTS and norm in _SYMMETRIC and "edge_weight" not in graph[INTERACTS]:
        return divided_adjacency(graph, REV_INTERACTS, norm=norm).transposed()
    edges = graph[edge_type]
    source, target = graph[edge_type[0]], graph[edge_type[2]]

    def build() -> Adjacency:
        leaving = torch.stack([edges.out_source, edges.out_target])
        if "edge_weight" in edges:
            weights = edges.edge_weight, edges.out_weight
        else:
            arriving = all_rows(source.degree, source.rows), target.degree
            weights = (
                weigh_edges(edges.edge_index, *arriving, norm=norm),
                weigh_edges(leaving, source.degree, all_rows(target.degree, target.rows), norm=norm),
            )
        from_all, to_own = edges.edge_index
        from_own, to_all = leaving
        return Adjacency(
            BlockMatrix.of(to_own, from_all, weights[0], target.rows.num_own, source.rows),
            BlockMatrix.of(from_own, to_all, weights[1], source.rows.num_own, target.rows),
        )

    weighed_by = (edges.edge_weight,) if "edge_weight" in edges else (source.degree, target.degree)
    return _adjacencies(build, (edges.edge_index, *weighed_by), norm)


def divided_sum(x: Tensor, graph: HeteroData, edge_type: EdgeType, *, norm: str = "sum") -> Tensor:
    """Messages from all sources, whoever has them, summed at this process's targets.

    Args:
        x: vectors of this process's sources ``(S, D)``.
        graph: a process's part of the whole.
        edge_type: the edges.
        norm: how messages are weighed where edges have no weight.
    """
    return product(x, divided_adjacency(graph, edge_type, norm=norm))
