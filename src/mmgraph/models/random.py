"""Chance, as a model."""

import torch
from jaxtyping import Float, Int, Int32
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.data.storage import NodeStorage

from mmgraph.models.base import Recommender
from mmgraph.models.scoring import Scorer
from mmgraph.typing import Encoding

BLOCK_SIZE = 2**22
"""Pairs hashed at once: bounds what a score matrix needs beside itself to a few times 16 MiB."""


class Random(Recommender):
    """Scores every pair by chance, the same whenever and with whomever it is asked: a hash of seed, user and item.

    Source: the finaliser of MurmurHash3 (A. Appleby, public domain, https://github.com/aappleby/smhasher).

    Args:
        graph: the message graph.
        seed: another seed gives another ranking.

    Example:
        >>> graph = HeteroData()
        >>> for node_type, size in {"user": 2, "item": 3}.items():
        ...     graph[node_type].num_nodes, graph[node_type].degree = size, torch.ones(size)
        >>> model = Random(graph, seed=1)
        >>> both = model.score(model(graph), torch.tensor([0, 1]))
        >>> bool((both[1:] == model.score(model(graph), torch.tensor([1]))).all())
        True
    """

    cost = "closed form"
    encodes_new_nodes = True
    num_hops = 0

    def __init__(self, graph: HeteroData, *, seed: int = 0) -> None:
        super().__init__(graph)
        self.seed = seed

    def forward(self, graph: HeteroData) -> Encoding:
        """One hash a node of its number in the full graph, a user's also of the seed."""
        user = _numbers(graph["user"])
        item = _numbers(graph["item"])
        return Encoding(_mix(user ^ _mix(torch.full_like(user, self.seed % (2**31 - 1)))), _mix(item))

    def scorer(self) -> Scorer:
        """A hash of the hashes."""
        return Chance()

    def score_pairs(
        self, encoding: Encoding, user_idx: Int[Tensor, " batch"], item_idx: Int[Tensor, " batch *n"]
    ) -> Float[Tensor, " batch *n"]:
        """The same numbers for given pairs."""
        user = encoding.user[user_idx].view(-1, *[1] * (item_idx.dim() - 1))
        return _unit(_mix(user ^ encoding.item[item_idx].squeeze(-1)))

    def fit_closed_form(self, graph: HeteroData) -> bool:
        """There is nothing to fit."""
        return True


class Chance(Scorer):
    """Numbers in (0, 1) from the hashes of user and item."""

    kind = "chance"

    def score(self, encoding: Encoding, user_idx: Int[Tensor, " batch"]) -> Float[Tensor, "batch items"]:
        """Numbers in (0, 1), evenly spread."""
        item = encoding.item.T
        scores = torch.empty(user_idx.numel(), item.size(1), device=item.device)
        rows = max(1, BLOCK_SIZE // item.size(1))
        for block, user in zip(scores.split(rows), user_idx.split(rows), strict=True):
            block.copy_(_unit(_mix(encoding.user[user] ^ item)))
        return scores


def _numbers(store: NodeStorage) -> Int32[Tensor, "nodes 1"]:
    number = store.n_id if "n_id" in store else torch.arange(store.num_nodes, device=store.degree.device)
    return number.int().unsqueeze(1)


def _mix(x: Int32[Tensor, "..."]) -> Int32[Tensor, "..."]:
    # The masks make int32's arithmetic shift a logical one; the factors are 0x85EBCA6B and 0xC2B2AE35, and wrap around.
    x = (x ^ ((x >> 16) & 0xFFFF)).mul_(-2048144789)
    x = x.bitwise_xor_((x >> 13) & 0x7FFFF).mul_(-1028477387)
    return x.bitwise_xor_((x >> 16) & 0xFFFF)


def _unit(x: Int32[Tensor, "..."]) -> Float[Tensor, "..."]:
    return (((x >> 9) & 0x7FFFFF) + 0.5) / 2**23  # 23 bits and a half: exact in float32, never 0 or 1
