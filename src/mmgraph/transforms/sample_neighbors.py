"""At most K neighbours of each node: other ones each epoch, or always the same."""

import copy

import torch
from jaxtyping import Int
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.typing import INTERACTS, REV_INTERACTS

_SUBSET_SEED = 0


def sample_edges(
    target: Int[Tensor, " edges"], k: int, *, generator: torch.Generator | None = None
) -> Int[Tensor, " kept"]:
    """Positions of at most ``k`` edges of each target, drawn with equal chances, in rising order.

    Args:
        target: the end of each edge whose edges are counted.
        k: edges kept of a target that has more.
        generator: where chance comes from; torch's global generator by default.

    Raises:
        ValueError: if ``k`` is not positive.

    Example:
        >>> sample_edges(torch.tensor([0, 0, 0, 1]), 2).numel()
        3
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    device = target.device if generator is None else generator.device
    shuffled = torch.randperm(target.numel(), generator=generator, device=device).to(target.device)
    order = shuffled[torch.argsort(target[shuffled], stable=True)]
    count = torch.bincount(target)
    first = torch.cumsum(count, 0) - count
    rank = torch.arange(target.numel(), device=target.device) - first[target[order]]
    return order[rank < k].sort().values


def sample_neighbors(data: HeteroData, k: int, *, fixed: bool = False) -> HeteroData:
    """A new graph with messages of at most ``k`` neighbours for each user and item (NSMAR+'s Max-K sampling).

    ``rev_interacts`` keeps k edges of each user and ``interacts`` k of each item, so the two are no longer the same
    pairs. ``degree`` still counts all interactions, and every other store is shared with ``data``. Edges of which none
    must go are the tensors of ``data`` themselves, so what is remembered about them stays true.

    Args:
        data: a graph with ``interacts`` and ``rev_interacts``.
        k: neighbours kept of a node that has more.
        fixed: the same sample each time, a function of the order of the edges; else torch's global generator draws.

    Raises:
        ValueError: if ``k`` is not positive.
    """
    sampled = copy.copy(data)
    generator = torch.Generator().manual_seed(_SUBSET_SEED) if fixed else None
    for edge_type in (INTERACTS, REV_INTERACTS):
        edge_index = data[edge_type].edge_index
        kept = sample_edges(edge_index[1], k, generator=generator)
        if kept.numel() < edge_index.size(1):
            sampled[edge_type].edge_index = edge_index.index_select(1, kept)
    return sampled
