"""Every step sees a sampled neighbourhood of a batch, of which each process has that of its own nodes."""

from collections.abc import Iterator, Sequence

import torch
from torch_geometric.data import HeteroData

from mmgraph.loader.divided_plan import DividedPlan
from mmgraph.loader.neighbor_plan import counts_by_type
from mmgraph.loader.own_nodes import number_nodes
from mmgraph.processes.divided import world
from mmgraph.representation import settings_text
from mmgraph.typing import INTERACTS, Loader, Triplets


class DividedSampledLoader:
    """What :class:`~mmgraph.loader.SampledGraphLoader` gives, to one of several processes that divide the graph.

    A step is ``(subgraph, batch)``: the batch is whole and the same in all processes, in the whole graph's numbers; the
    subgraph is a sample of what the vectors of the batch's nodes that are this process's own depend on.

    Args:
        triplets: gives the batches, the same in all processes.
        num_neighbors: neighbours drawn of each node and edge type, hop by hop; -1: all.
        num_graph_hops: hops along edges within one node type.
        features: whether the features of items come along.
    """

    def __init__(self, triplets: Loader, num_neighbors: Sequence[int], num_graph_hops: int, *, features: bool) -> None:
        self.triplets = triplets
        self.num_neighbors = num_neighbors
        self.num_graph_hops = num_graph_hops
        self.features = features

    def __repr__(self) -> str:
        """How it samples, and what."""
        return f"{type(self).__name__}({settings_text(self)}, triplets={self.triplets!r})"

    def __len__(self) -> int:
        return len(self.triplets)

    def epoch(self, graph: HeteroData, epoch: int) -> Iterator[tuple[HeteroData, Triplets]]:
        """Yields the steps of an epoch; every process must take all of them.

        Args:
            graph: this process's part (:func:`mmgraph.transforms.own_part`).
            epoch: its number.

        Raises:
            ConnectionError: if another process is gone; explains how to go on.
        """
        plan: DividedPlan | None = None
        for _, batch in self.triplets.epoch(graph, epoch):
            if plan is None:  # the first batch has used up the triplets' chance
                counts = counts_by_type(graph, self.num_neighbors, self.num_graph_hops)
                plan = DividedPlan(graph, counts, features=self.features, generator=_own_generator(graph))
            yield plan.sample(number_nodes(batch)[0]), batch


def _own_generator(graph: HeteroData) -> torch.Generator:
    """One that draws otherwise in each process, from the global one, which is the same in all."""
    seed = int(torch.randint(2**62, ()))
    return torch.Generator(graph[INTERACTS].edge_index.device).manual_seed(seed + world()[0])
