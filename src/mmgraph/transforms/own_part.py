"""The part of a graph that one of several processes keeps: rows of nodes, and the edges that end or begin there."""

import copy

import torch
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.data.storage import EdgeStorage, NodeStorage

from mmgraph.processes.partition import DividedRows
from mmgraph.typing import INTERACTS, REV_INTERACTS, EdgeType


def own_part(graph: HeteroData) -> HeteroData:
    """A process's part of a graph; ``graph`` stays as it is, and nothing of it is referred to.

    Nodes of a type lie in contiguous parts, one for each process (``rows`` of their store says which; ``num_nodes`` is
    this process's). What has a row for each node has its own rows: features, degrees. Of the edges there are those that
    end in them, ``edge_index`` with sources as all processes count and targets as this one does, and those that begin
    there, ``out_source`` as this one counts and ``out_target`` as all do; so has ``edge_weight`` its ``out_weight``.
    Interactions bear the ``number`` that they have in the whole, of ``num_all``.

    Args:
        graph: the whole, the same in all processes.

    Raises:
        ValueError: if there are so few nodes of a type that a process would have none.

    Example:
        >>> graph = HeteroData(user={"num_nodes": 2, "degree": torch.ones(2)}, item={"num_nodes": 1})
        >>> graph["user", "interacts", "item"].edge_index = torch.tensor([[0, 1], [0, 0]])
        >>> graph["item", "rev_interacts", "user"].edge_index = torch.tensor([[0, 0], [0, 1]])
        >>> part = own_part(graph)                         # of one process: all
        >>> part["user"].rows
        DividedRows(count=2, rank=0, size=1)
        >>> part["item", "rev_interacts", "user"].out_target.tolist()
        [0, 1]
    """
    part = copy.copy(graph)
    rows = {kind: DividedRows.of_world(int(graph[kind].num_nodes)) for kind in graph.node_types}
    for kind, divided in rows.items():
        _check(kind, divided)
        _keep_nodes(part[kind], divided)
    for edge_type in graph.edge_types:
        _keep_edges(part[edge_type], edge_type, rows)
    link_interactions(part)
    return part


def link_interactions(part: HeteroData) -> None:
    """Has either direction of the interactions begin where the other ends, without a second copy of them."""
    for one, other in ((INTERACTS, REV_INTERACTS), (REV_INTERACTS, INTERACTS)):
        part[one].out_target, part[one].out_source = part[other].edge_index


def _check(kind: str, rows: DividedRows) -> None:
    first, behind = rows.bounds(rows.size - 1)
    if first == behind:
        raise ValueError(
            f"trainer.partition=true divides the rows of {rows.count} {kind}s among {rows.size} processes, and the "
            "last would have none: start fewer"
        )


def _keep_nodes(store: NodeStorage, rows: DividedRows) -> None:
    for name, value in list(store.items()):
        if isinstance(value, Tensor) and value.dim() > 0 and value.size(0) == rows.count:
            store[name] = rows.own(value)
    store.num_nodes = rows.num_own
    store.rows = rows


def _keep_edges(store: EdgeStorage, edge_type: EdgeType, rows: dict[str, DividedRows]) -> None:
    source, target = store.edge_index
    weight = store.get("edge_weight")
    of_sources, of_targets = rows[edge_type[0]], rows[edge_type[2]]
    arriving = of_targets.is_own(target).nonzero().flatten()
    store.edge_index = torch.stack([source[arriving], target[arriving] - of_targets.first])
    for name in ("edge_weight", "weight"):
        if name in store:
            store[name] = store[name][arriving]
    if edge_type in (INTERACTS, REV_INTERACTS):
        store.number = arriving.int() if source.numel() < 2**31 else arriving
        store.num_all = source.numel()
        return
    leaving = of_sources.is_own(source).nonzero().flatten()
    store.out_source = source[leaving] - of_sources.first
    store.out_target = target[leaving]
    if weight is not None:
        store.out_weight = weight[leaving]
