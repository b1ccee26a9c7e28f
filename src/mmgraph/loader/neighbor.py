"""Every step sees a sampled neighbourhood of its own triplets, so that memory is bounded by the batch."""

import copy
import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import torch
import torch_geometric.typing
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.loader import LinkNeighborLoader
from torch_geometric.sampler import NeighborSampler
from torch_geometric.typing import EdgeType
from torch_geometric.utils import degree

from mmgraph.loader.full_graph import FullGraphLoader
from mmgraph.loader.own_nodes import own_nodes
from mmgraph.models.base import Recommender
from mmgraph.nn import SAMPLE_SCALE
from mmgraph.processes.divided import own_part, world
from mmgraph.representation import settings_text
from mmgraph.typing import INTERACTS, Triplets

SIDES = ("user", "item")


class _Plan(NamedTuple):
    """What an epoch samples from: its graph, PyG's sampler on it, and how many edges reach each node, by edge type."""

    graph: HeteroData
    sampler: NeighborSampler
    in_degree: dict[EdgeType, Tensor]


class SampledGraphLoader:
    r"""The triplets of :class:`FullGraphLoader`, each batch with a sample of what its nodes' vectors depend on.

    A batch's users, positive and negative items are the seeds of PyG's ``LinkNeighborLoader``
    (Hamilton et al., "Inductive Representation Learning on Large Graphs", NeurIPS 2017,
    https://arxiv.org/abs/1706.02216). As many hops are followed as the model states (``num_hops``), from the graph that
    the epoch trains on; edges within one node type for the first ``num_graph_hops`` only. Node stores carry ``n_id``
    and what the full graph says of these nodes, ``degree`` included; ``Triplets.nodes`` are the seeds, whose rows
    alone are exact; edge stores carry ``sample_scale``, by which convolutions of :mod:`mmgraph.nn` make sums unbiased.
    With all neighbours the seeds' vectors, and so the losses over them, are those of the full graph. A model without
    hops (MF-BPR, VBPR) needs no sampler: it gets the batch's own nodes, and projects the features of these alone.

    What is estimated without bias is each sum over sampled neighbours; a vector is, as far as it is linear in them and
    no path of its layers leads twice through a node, for a node keeps its sample throughout a step.

    Args:
        graph: the message graph whose interactions are the positives, whatever part of it an epoch trains on.
        model: what is trained: explains how many hops its vectors depend on.
        batch_size: triplets in a step.
        num_negatives: negatives for each positive.
        num_neighbors: neighbours drawn of each node and edge type at every hop, or one number for each hop; -1: all.
        weighted: draw interactions in proportion to their weights, as :class:`FullGraphLoader` does.

    Raises:
        ValueError: if the model needs the full graph or states no hops, or a number is out of range or missing.
        ModuleNotFoundError: if there are hops, and neither pyg-lib nor torch-sparse is installed.
    """

    def __init__(
        self,
        graph: HeteroData,
        *,
        model: Recommender,
        batch_size: int = 2048,
        num_negatives: int = 1,
        num_neighbors: int | Sequence[int] = 10,
        weighted: bool = False,
    ) -> None:
        num_hops = _num_hops(model)
        if num_hops and not (torch_geometric.typing.WITH_PYG_LIB or torch_geometric.typing.WITH_TORCH_SPARSE):
            raise ModuleNotFoundError(
                "loader=neighbor needs pyg-lib or torch-sparse, and neither is installed: `make sparse`, or "
                'pip install --no-build-isolation -e ".[sparse]" beside torch; loader=full_graph needs neither'
            )
        self.triplets = FullGraphLoader(graph, batch_size=batch_size, num_negatives=num_negatives, weighted=weighted)
        self.num_neighbors = _neighbor_counts(num_neighbors, num_hops, type(model).__name__)
        self.num_graph_hops = model.num_graph_hops

    def __repr__(self) -> str:
        """How it samples, and what."""
        return f"{type(self).__name__}({settings_text(self)}, triplets={self.triplets!r})"

    def __len__(self) -> int:
        return len(self.triplets)

    def epoch(self, graph: HeteroData, epoch: int) -> Iterator[tuple[HeteroData, Triplets]]:
        """Yields ``(subgraph, batch)``; the triplets are those of the full-graph loader, whatever is sampled.

        Of N processes each takes every N-th triplet of a batch, and all of a batch that has fewer than N.
        """
        triplets = list(self.triplets.epoch(graph, epoch))
        sample = partial(_sample, plan=self._plan(graph)) if self.num_neighbors else partial(own_nodes, graph=graph)
        for _, batch in triplets:
            yield sample(_own(batch))

    def _plan(self, graph: HeteroData) -> _Plan:
        # torch-sparse draws without replacement unevenly: rarely the last of a node's edges, never if it draws one
        # (https://github.com/rusty1s/pytorch_sparse/issues/385). In an order drawn anew each epoch, chances are equal.
        graph = _shuffle_edges(graph)
        counts = {edge_type: self._counts(within=edge_type[0] == edge_type[2]) for edge_type in graph.edge_types}
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*without a 'pyg-lib' installation is deprecated")
            sampler = NeighborSampler(graph, num_neighbors=counts)
        in_degree = {
            edge_type: degree(graph[edge_type].edge_index[1], int(graph[edge_type[2]].num_nodes))
            for edge_type in graph.edge_types
        }
        return _Plan(graph, sampler, in_degree)

    def _counts(self, *, within: bool) -> list[int]:
        """Neighbours at each hop along edges within a node type, or between the two."""
        hops = self.num_graph_hops if within else len(self.num_neighbors)
        return [count if hop < hops else 0 for hop, count in enumerate(self.num_neighbors)]


def _num_hops(model: Recommender) -> int:
    name = type(model).__name__
    if model.needs_full_graph:
        raise ValueError(
            f"{name} cannot be trained by loader=neighbor: its equations sum over all users or items, which a sampled "
            "subgraph does not hold; take loader=full_graph"
        )
    if model.num_hops is None:
        raise ValueError(
            f"{name} does not say num_hops, how far its vectors reach into the graph, so loader=neighbor cannot sample "
            "for it; set num_hops in its class, or take loader=full_graph"
        )
    return model.num_hops


def _neighbor_counts(num_neighbors: int | Sequence[int], num_hops: int, name: str) -> list[int]:
    counts = [num_neighbors] * num_hops if isinstance(num_neighbors, int) else list(num_neighbors)
    if len(counts) != num_hops:
        raise ValueError(
            f"num_neighbors={counts} has {len(counts)} hops, but the vectors of {name} depend on {num_hops} as it is "
            "configured; give as many numbers, or one for all"
        )
    wrong = [count for count in counts if not isinstance(count, int) or (count < 1 and count != -1)]
    if wrong:
        raise ValueError(f"num_neighbors must be at least 1, or -1 for all neighbours; got {wrong[0]!r}")
    return counts


def _shuffle_edges(graph: HeteroData) -> HeteroData:
    shuffled = copy.copy(graph)
    for store in shuffled.edge_stores:
        order = torch.randperm(store.edge_index.size(1), device=store.edge_index.device)
        for key, value in store.items():
            store[key] = value.index_select(1 if key == "edge_index" else 0, order)
    return shuffled


def _own(batch: Triplets) -> Triplets:
    rows = own_part() if batch.user.numel() >= world()[1] else slice(None)
    return Triplets(batch.user[rows], batch.pos_item[rows], batch.neg_item[rows])


def _sample(batch: Triplets, plan: _Plan) -> tuple[HeteroData, Triplets]:
    device = batch.user.device
    item = torch.cat([batch.pos_item.unsqueeze(1), batch.neg_item.view(batch.user.numel(), -1)], dim=1)
    pairs = torch.stack([batch.user.unsqueeze(1).expand_as(item), item]).flatten(1).cpu()
    loader = LinkNeighborLoader(
        plan.graph, num_neighbors=[], edge_label_index=(INTERACTS, pairs), neighbor_sampler=plan.sampler
    )
    subgraph = loader(torch.arange(pairs.size(1)))
    seeds = subgraph[INTERACTS].edge_label_index.view(2, *item.shape)
    # PyG numbers the seeds first.
    nodes = {side: torch.arange(int(rows.max()) + 1, device=device) for side, rows in zip(SIDES, seeds, strict=True)}
    user, item = seeds.to(device)
    triplets = Triplets(user[:, 0], item[:, 0], item[:, 1:].reshape(batch.neg_item.shape), nodes)
    return _weigh(subgraph.to(device), plan), triplets


def _weigh(subgraph: HeteroData, plan: _Plan) -> HeteroData:
    """Writes ``sample_scale`` to every edge type, and leaves nothing there of what PyG notes about the batch."""
    for edge_type, in_degree in plan.in_degree.items():
        store = subgraph[edge_type]
        for key in ("e_id", "input_id", "edge_label_index", "edge_label", "num_sampled_edges"):
            store.pop(key, None)
        everyone = in_degree.index_select(0, subgraph[edge_type[2]].n_id)
        sampled = degree(store.edge_index[1], everyone.numel())
        store[SAMPLE_SCALE] = torch.where(sampled > 0, everyone / sampled.clamp(min=1), 1.0)
    return subgraph
