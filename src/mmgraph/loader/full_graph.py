"""Every step sees the whole graph and one batch of triplets."""

from collections.abc import Iterator

import torch
from jaxtyping import Float64, Int64
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.loader.mapped import MappedTriplets
from mmgraph.loader.sampler import NegativeSampler
from mmgraph.models.base import Recommender
from mmgraph.nn import edge_rows
from mmgraph.representation import settings_text
from mmgraph.typing import INTERACTS, Triplets


class FullGraphLoader:
    """Shuffles the train interactions every epoch and pairs each with negatives; the last batch may be shorter.

    Args:
        graph: the message graph whose interactions are the positives, whatever part of it an epoch trains on.
        model: what is trained; any model may see the whole graph, but where interactions lie in files only one that
            reads none of them.
        batch_size: triplets in a step.
        num_negatives: negatives for each positive.
        weighted: draw as many interactions in an epoch as there are, each in proportion to its ``weight``, in place
            of each once: what losses are on average is then the weighted mean over the interactions.

    Raises:
        ValueError: if a size is not positive, no triplet can be drawn (see :class:`NegativeSampler`), or the
            interactions have no weights to draw by or lie in files that the model would have to read whole.
    """

    def __init__(
        self,
        graph: HeteroData,
        *,
        model: Recommender | None = None,
        batch_size: int = 2048,
        num_negatives: int = 1,
        weighted: bool = False,
    ) -> None:
        check_sizes(batch_size=batch_size, num_negatives=num_negatives)
        self.batch_size = batch_size
        self.num_negatives = num_negatives
        self.weighted = weighted
        self.drawn = _drawn(graph, model, num_negatives=num_negatives, weighted=weighted)

    def __repr__(self) -> str:
        """What there is to learn from, in how many steps, and its settings."""
        sizes = f"interactions={self.drawn.num_edges}, steps={len(self)}"
        return f"{type(self).__name__}({sizes}, {settings_text(self)})"

    def __len__(self) -> int:
        return -(-self.drawn.num_edges // self.batch_size)

    def epoch(self, graph: HeteroData, epoch: int) -> Iterator[tuple[HeteroData, Triplets]]:
        """Yields ``(graph, batch)``; all randomness is torch's global generator, which the trainer seeds by epoch."""
        for batch in self.drawn.epoch(self.batch_size):
            yield graph, batch


class TripletsInMemory:
    """The triplets of interactions that are an ``edge_index``.

    Args:
        graph: holds them.
        num_negatives: negatives for each positive.
        weighted: whether interactions are drawn by their weights.

    Raises:
        ValueError: as :class:`FullGraphLoader` does.
    """

    def __init__(self, graph: HeteroData, *, num_negatives: int, weighted: bool) -> None:
        self.edge_index = graph[INTERACTS].edge_index
        sizes = {"num_users": int(graph["user"].num_nodes), "num_items": int(graph["item"].num_nodes)}
        self.sampler = NegativeSampler(self.edge_index, **sizes)
        self.num_negatives = num_negatives
        self.bounds = _bounds(graph) if weighted else None

    @property
    def num_edges(self) -> int:
        """Number of interactions."""
        return self.edge_index.size(1)

    def epoch(self, batch_size: int) -> Iterator[Triplets]:
        """Yields the batches of an epoch; all randomness, torch's global generator, is used up with the first one."""
        order = torch.randperm(self.edge_index.size(1), device=self.edge_index.device)
        edge_index = self.edge_index if self.bounds is None else self.edge_index.index_select(1, _draw(self.bounds))
        # Negatives before the shuffle: data sets are sorted by user, and neighbouring users' pairs are found faster.
        negative = self.sampler(edge_index[0], self.num_negatives).index_select(0, order)
        parts = (part.split(batch_size) for part in (*edge_index.index_select(1, order), negative))
        for batch in zip(*parts, strict=True):
            yield Triplets(*batch)


def _drawn(
    graph: HeteroData, model: Recommender | None, *, num_negatives: int, weighted: bool
) -> "TripletsInMemory | MappedTriplets":
    if edge_rows(graph) is None:
        return TripletsInMemory(graph, num_negatives=num_negatives, weighted=weighted)
    if weighted:
        raise ValueError(
            "weighted=true: the weights of interactions are not kept where these lie in files; set "
            "dataset.interactions=memory, or leave loader.weighted out"
        )
    if model is not None and model.num_hops != 0:
        raise ValueError(
            f"loader=full_graph: {type(model).__name__} reads all interactions in every step, and "
            "dataset.interactions=mapped leaves them in files; take loader=neighbor, or dataset.interactions=memory"
        )
    return MappedTriplets(graph, num_negatives=num_negatives)


def check_sizes(**sizes: int) -> None:
    """Refuses sizes below 1.

    Raises:
        ValueError: names the size.
    """
    for name, value in sizes.items():
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")


def _bounds(graph: HeteroData) -> Float64[Tensor, " edges"]:
    """Where each interaction's share of all weights ends."""
    weight = graph[INTERACTS].get("weight")
    if weight is None:
        raise ValueError(
            "weighted=true: the interactions have no weights; a column weight of NAME.inter states them, which "
            "mmgraph-prepare writes with repeats=count; or leave loader.weighted out"
        )
    return weight.double().cumsum(0)


def _draw(bounds: Float64[Tensor, " edges"]) -> Int64[Tensor, " edges"]:
    """As many places as there are, with repetition, in ascending order (multinomial has a size limit)."""
    at = torch.rand(bounds.numel(), dtype=bounds.dtype, device=bounds.device).sort().values * bounds[-1]
    return torch.searchsorted(bounds, at, right=True).clamp_(max=bounds.numel() - 1)
