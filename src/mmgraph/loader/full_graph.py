"""Every step sees the whole graph and one batch of triplets."""

from collections.abc import Iterator

import torch
from torch_geometric.data import HeteroData

from mmgraph.loader.sampler import NegativeSampler
from mmgraph.models.base import Recommender
from mmgraph.representation import settings_text
from mmgraph.typing import INTERACTS, Triplets


class FullGraphLoader:
    """Shuffles the train interactions every epoch and pairs each with negatives; the last batch may be shorter.

    Args:
        graph: the message graph whose interactions are the positives, whatever part of it an epoch trains on.
        model: what is trained; any model may see the whole graph.
        batch_size: triplets in a step.
        num_negatives: negatives for each positive.

    Raises:
        ValueError: if a size is not positive, or no triplet can be drawn (see :class:`NegativeSampler`).
    """

    def __init__(
        self, graph: HeteroData, *, model: Recommender | None = None, batch_size: int = 2048, num_negatives: int = 1
    ) -> None:
        for name, value in (("batch_size", batch_size), ("num_negatives", num_negatives)):
            if value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")
        self.edge_index = graph[INTERACTS].edge_index
        sizes = {"num_users": int(graph["user"].num_nodes), "num_items": int(graph["item"].num_nodes)}
        self.sampler = NegativeSampler(self.edge_index, **sizes)
        self.batch_size = batch_size
        self.num_negatives = num_negatives

    def __repr__(self) -> str:
        """What there is to learn from, in how many steps, and its settings."""
        sizes = f"interactions={self.edge_index.size(1)}, steps={len(self)}"
        return f"{type(self).__name__}({sizes}, {settings_text(self)})"

    def __len__(self) -> int:
        return -(-self.edge_index.size(1) // self.batch_size)

    def epoch(self, graph: HeteroData, epoch: int) -> Iterator[tuple[HeteroData, Triplets]]:
        """Yields ``(graph, batch)``; all randomness is torch's global generator, which the trainer seeds by epoch."""
        order = torch.randperm(self.edge_index.size(1), device=self.edge_index.device)
        # Negatives before the shuffle: data sets are sorted by user, and neighbouring users' pairs are found faster.
        negative = self.sampler(self.edge_index[0], self.num_negatives).index_select(0, order)
        parts = (part.split(self.batch_size) for part in (*self.edge_index.index_select(1, order), negative))
        for batch in zip(*parts, strict=True):
            yield graph, Triplets(*batch)
