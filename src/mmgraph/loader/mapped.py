"""Triplets of interactions that lie in files: the batches of memory, from 4 + 4 n bytes an interaction in it."""

from collections.abc import Iterator

import torch
from jaxtyping import Bool, Int, Int32, Int64
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.nn import EdgeRows, edge_rows
from mmgraph.typing import REV_INTERACTS, Triplets

BLOCK_PAIRS = 2**20
"""Negatives that are drawn and looked up at once."""


class MappedTriplets:
    """What :class:`~mmgraph.loader.FullGraphLoader` draws, in the same order and from the same chance, in blocks.

    Of an epoch the order of the interactions and the negatives are held, as int32; who chose what is read batch by
    batch. Where negatives clash is searched in the users' rows, so no list of pairs is held either.

    Args:
        graph: holds :class:`~mmgraph.nn.EdgeRows`.
        num_negatives: negatives for each positive.

    Raises:
        ValueError: if there are no interactions, or a user interacted with every item that could be drawn.
    """

    def __init__(self, graph: HeteroData, *, num_negatives: int = 1) -> None:
        by_user = edge_rows(graph, REV_INTERACTS)
        by_item = edge_rows(graph)
        assert by_user is not None
        assert by_item is not None
        if not by_user.num_edges:
            raise ValueError("there are no train interactions to draw triplets from")
        self.by_user: EdgeRows = by_user
        self.num_negatives = num_negatives
        self.seen_items = by_item.degree().nonzero().flatten()
        full = (by_user.degree() >= self.seen_items.numel()).nonzero().flatten()
        if full.numel():
            raise ValueError(
                f"user {int(full[0])} interacted with all {self.seen_items.numel()} items seen in training "
                f"({full.numel()} such users): no negative can be drawn; leave them out of the data"
            )

    @property
    def num_edges(self) -> int:
        """Number of interactions."""
        return self.by_user.num_edges

    def epoch(self, batch_size: int) -> Iterator[Triplets]:
        """Yields the batches of an epoch; all randomness, torch's global generator, is used up with the first one."""
        rows = self.by_user
        order = torch.randperm(rows.num_edges, dtype=torch.int32, device=rows.source.device)
        negative = self.negatives()
        for edge in order.split(batch_size):
            edge = edge.long()
            yield Triplets(rows.target_of(edge), rows.source_of(edge), negative[edge].long())

    def negatives(self) -> Int32[Tensor, " edges *n"]:
        """Negatives of all interactions ``(E,)``, or ``(E, n)`` for n > 1."""
        size = self.by_user.num_edges * self.num_negatives
        negative = self.seen_items.new_empty(size, dtype=torch.int32)
        clashes = []
        for first in range(0, size, BLOCK_PAIRS):
            place = torch.arange(first, min(first + BLOCK_PAIRS, size), device=negative.device)
            clashes.append(self._drawn(negative, place))
        clash = torch.cat(clashes)
        while clash.numel():
            clash = torch.cat([self._drawn(negative, place) for place in clash.split(BLOCK_PAIRS)])
        return negative if self.num_negatives == 1 else negative.view(-1, self.num_negatives)

    def _drawn(self, negative: Int32[Tensor, " all"], place: Int64[Tensor, " n"]) -> Int64[Tensor, " clashes"]:
        """Draws negatives at some places; returns those of them that must be drawn again."""
        drawn = self.seen_items[torch.randint(self.seen_items.numel(), (place.numel(),), device=place.device)]
        negative[place] = drawn.int()
        return place[self.is_positive(self.by_user.target_of(place // self.num_negatives), drawn)]

    def is_positive(self, user: Int[Tensor, " n"], item: Int[Tensor, " n"]) -> Bool[Tensor, " n"]:
        """Whether each pair is a train interaction."""
        return self.by_user.contain(user, item)
