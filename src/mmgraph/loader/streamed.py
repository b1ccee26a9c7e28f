"""The steps of an epoch in a random order that is computed as it is gone through, and held nowhere."""

import copy
from collections.abc import Iterator

import torch
from jaxtyping import Int64
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.loader.full_graph import check_sizes
from mmgraph.loader.sampler import NegativeSampler
from mmgraph.loader.shuffled import hashed, shuffled
from mmgraph.models.base import Recommender
from mmgraph.processes.partition import DividedRows, added_up, any_of_processes
from mmgraph.representation import settings_text
from mmgraph.typing import INTERACTS, Triplets

CHUNK = 2**16
"""Triplets that are drawn at once, as far as a batch is no larger: processes then ask each other seldom."""


class StreamedLoader:
    """What :class:`FullGraphLoader` gives, drawn as it is needed: every step sees the graph and a batch of triplets.

    An epoch goes through the train interactions in a random order and pairs each with negatives, uniform among the
    items seen in training, none of them a train item of the user. Neither order nor triplets are held, but those of a
    chunk: an epoch takes memory for that and for the sorted pairs, 8 to 16 bytes an interaction, which several
    processes divide (:meth:`of_users`). The triplets are others than those of :class:`FullGraphLoader` from the same
    seed, and the same for any number of processes.

    Args:
        graph: the message graph whose interactions are the positives, whatever part of it an epoch trains on.
        model: what is trained; any model may see the whole graph.
        batch_size: triplets in a step.
        num_negatives: negatives for each positive.

    Raises:
        ValueError: if a size is not positive, or no triplet can be drawn (see :class:`NegativeSampler`).
    """

    def __init__(
        self,
        graph: HeteroData,
        *,
        model: Recommender | None = None,
        batch_size: int = 2048,
        num_negatives: int = 1,
    ) -> None:
        check_sizes(batch_size=batch_size, num_negatives=num_negatives)
        sizes = {"num_users": int(graph["user"].num_nodes), "num_items": int(graph["item"].num_nodes)}
        self.sampler = NegativeSampler(graph[INTERACTS].edge_index, **sizes)
        self.num_pairs = self.sampler.positives.numel()
        self.first_pair = 0
        self.is_part = False
        self.batch_size = batch_size
        self.num_negatives = num_negatives

    def __repr__(self) -> str:
        """What there is to learn from, in how many steps, and its settings."""
        sizes = f"interactions={self.num_pairs}, steps={len(self)}"
        return f"{type(self).__name__}({sizes}, {settings_text(self)})"

    def __len__(self) -> int:
        return -(-self.num_pairs // self.batch_size)

    def of_users(self, rows: DividedRows) -> "StreamedLoader":
        """The loader of one of several processes, which keeps the pairs of its users; all give the same triplets."""
        part = copy.copy(self)
        part.is_part = True
        start, stop = rows.bounds(rows.rank)
        part.sampler = self.sampler.of_users(start, stop)
        part.first_pair = int((self.sampler.positives < start * self.sampler.num_items).sum())
        return part

    def epoch(self, graph: HeteroData, epoch: int) -> Iterator[tuple[HeteroData, Triplets]]:
        """Yields ``(graph, batch)``; the order is drawn from torch's global generator, which the trainer seeds."""
        order, negatives = torch.randint(2**62, (2,)).tolist()
        step = max(1, CHUNK // self.batch_size) * self.batch_size
        for start in range(0, self.num_pairs, step):
            place = torch.arange(start, min(start + step, self.num_pairs), device=self.sampler.positives.device)
            pair = self._pairs(shuffled(place, self.num_pairs, order))
            user = pair // self.sampler.num_items
            chunk = Triplets(user, pair % self.sampler.num_items, self._negatives(place, user, negatives))
            for batch in zip(*(part.split(self.batch_size) for part in chunk[:3]), strict=True):
                yield graph, Triplets(*batch)

    def _pairs(self, number: Int64[Tensor, " pairs"]) -> Int64[Tensor, " pairs"]:
        """Pairs by their numbers in the sorted list, each from the process that has it."""
        own = number - self.first_pair
        here = ((own >= 0) & (own < self.sampler.positives.numel())).nonzero().flatten()
        found = torch.zeros_like(number)
        found[here] = self.sampler.positives[own[here]]
        return added_up(found) if self.is_part else found

    def _negatives(self, place: Tensor, user: Tensor, key: int) -> Int64[Tensor, " pairs *n"]:
        """Of draws numbered by place, negative and attempt the first that is no train pair."""
        users = user.repeat_interleave(self.num_negatives)
        draw = place.repeat_interleave(self.num_negatives) * self.num_negatives
        draw += torch.arange(self.num_negatives, device=draw.device).repeat(place.numel())
        seen = self.sampler.seen_items
        negative = torch.empty_like(users)
        left = torch.arange(users.numel(), device=users.device)
        while left.numel():
            key += 1
            # Twice, for once would give the second draw of one place as the first of the next.
            item = seen[hashed(hashed(draw[left], key), key) % seen.numel()]
            negative[left] = item
            clash = self.sampler.is_positive(users[left], item)
            left = left[any_of_processes(clash) if self.is_part else clash]
        return negative if self.num_negatives == 1 else negative.view(-1, self.num_negatives)
