"""Every step sees a sampled neighbourhood of its own triplets, so that memory is bounded by the batch."""

from collections.abc import Iterator, Sequence
from functools import partial

from torch_geometric.data import HeteroData

from mmgraph.loader.divided_neighbor import DividedSampledLoader
from mmgraph.loader.full_graph import FullGraphLoader
from mmgraph.loader.neighbor_plan import NeighborPlan, counts_by_type
from mmgraph.loader.own_nodes import number_nodes, own_nodes
from mmgraph.loader.streamed import StreamedLoader
from mmgraph.models.base import Recommender
from mmgraph.nn import edge_rows
from mmgraph.processes.divided import own_part, world
from mmgraph.processes.partition import DividedRows
from mmgraph.representation import settings_text
from mmgraph.typing import Loader, Triplets


class SampledGraphLoader:
    r"""The triplets of :class:`FullGraphLoader`, each batch with a sample of what its nodes' vectors depend on.

    A batch's users, positive and negative items are the seeds of sampled neighbourhoods
    (Hamilton et al., "Inductive Representation Learning on Large Graphs", NeurIPS 2017,
    https://arxiv.org/abs/1706.02216). As many hops are followed as the model states (``num_hops``), from the graph that
    the epoch trains on; edges within one node type for the first ``num_graph_hops`` only. Node stores carry ``n_id``
    and what the full graph says of these nodes, ``degree`` included; ``Triplets.nodes`` are the seeds, whose rows
    alone are exact; edge stores carry ``sample_scale``, by which convolutions of :mod:`mmgraph.nn` make sums unbiased.
    With all neighbours the seeds' vectors, and so the losses over them, are those of the full graph. A model without
    hops (MF-BPR, VBPR) gets the batch's own nodes, and projects the features of these alone.

    What is estimated without bias is each sum over sampled neighbours; a vector is, as far as it is linear in them and
    no path of its layers leads twice through a node, for a node keeps its sample throughout a step.

    Args:
        graph: the message graph whose interactions are the positives, whatever part of it an epoch trains on.
        model: what is trained: explains how many hops its vectors depend on.
        batch_size: triplets in a step.
        num_negatives: negatives for each positive.
        num_neighbors: neighbours drawn of each node and edge type at every hop, or one number for each hop; -1: all.
        weighted: draw interactions in proportion to their weights, as :class:`FullGraphLoader` does.
        streamed: draw triplets when they are needed and hold none, as :class:`StreamedLoader` does: other ones.

    Raises:
        ValueError: if the model needs the full graph or states no hops, a number is out of range or missing, or
            triplets cannot be drawn so.
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
        streamed: bool = False,
    ) -> None:
        num_hops = _num_hops(model)
        self.triplets: Loader
        if streamed:
            _check_streamed(graph, weighted=weighted)
            self.triplets = StreamedLoader(graph, batch_size=batch_size, num_negatives=num_negatives)
        else:
            self.triplets = FullGraphLoader(
                graph, batch_size=batch_size, num_negatives=num_negatives, weighted=weighted
            )
        self.num_neighbors = _neighbor_counts(num_neighbors, num_hops, type(model).__name__)
        self.num_graph_hops = model.num_graph_hops
        self.reads_features = model.needs_modalities

    def __repr__(self) -> str:
        """How it samples, and what."""
        return f"{type(self).__name__}({settings_text(self)}, triplets={self.triplets!r})"

    def __len__(self) -> int:
        return len(self.triplets)

    def epoch(self, graph: HeteroData, epoch: int) -> Iterator[tuple[HeteroData, Triplets]]:
        """Yields ``(subgraph, batch)``; the triplets are those of the full-graph loader, whatever is sampled.

        Of N processes each takes every N-th triplet of a batch, and all of a batch that has fewer than N.
        """
        sample = partial(_sample, plan=self._plan(graph)) if self.num_neighbors else partial(own_nodes, graph=graph)
        # The first batch uses up all of the triplets' chance, before anything is sampled.
        for _, batch in self.triplets.epoch(graph, epoch):
            yield sample(_own(batch))

    def of_users(self, rows: DividedRows) -> DividedSampledLoader:
        """The loader of one of several processes that have a part of the graph each; all give the same triplets.

        Those that are drawn from what is held stay whole, as interactions do in their memory.
        """
        triplets = self.triplets.of_users(rows) if isinstance(self.triplets, StreamedLoader) else self.triplets
        hops = self.num_neighbors, self.num_graph_hops
        return DividedSampledLoader(triplets, *hops, features=self.reads_features)

    def _plan(self, graph: HeteroData) -> NeighborPlan:
        return NeighborPlan(graph, counts_by_type(graph, self.num_neighbors, self.num_graph_hops))


def _check_streamed(graph: HeteroData, *, weighted: bool) -> None:
    if weighted:
        raise ValueError(
            "loader.streamed=true goes through each interaction once, and loader.weighted=true draws them by their "
            "weights: leave one out"
        )
    if edge_rows(graph) is not None:
        raise ValueError(
            "loader.streamed=true reads interactions that are in memory, and dataset.interactions=mapped leaves them "
            "in files, from where triplets are drawn in little memory anyway: leave loader.streamed out"
        )


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


def _own(batch: Triplets) -> Triplets:
    rows = own_part() if batch.user.numel() >= world()[1] else slice(None)
    return Triplets(batch.user[rows], batch.pos_item[rows], batch.neg_item[rows])


def _sample(batch: Triplets, plan: NeighborPlan) -> tuple[HeteroData, Triplets]:
    seeds, own = number_nodes(batch)
    return plan.sample(seeds), own
