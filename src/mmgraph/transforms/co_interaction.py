"""User-user graphs: users who chose the same items."""

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy import sparse
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.transforms.base import GraphTransform
from mmgraph.transforms.top_entries import top_entries
from mmgraph.typing import INTERACTS


def co_interaction_graph(
    edge_index: Int[Tensor, "2 edges"], num_users: int, num_items: int, k: int, *, chunk_size: int = 4096
) -> tuple[Int[Tensor, "2 links"], Float[Tensor, " links"]]:
    r"""Directed graph from the k users v who share most items with each user u (DualGNN, TMM 2021; DRAGON, ECAI 2023).

    .. math:: c_{uv} = |N_u \cap N_v| = (R R^\top)_{uv}, \qquad v \in \text{top-}k(c_{u\cdot}),\ v \ne u,\ c_{uv} > 0

    Equal counts are settled by the lower id. Rows of :math:`R R^\top` are made in chunks of users and stay sparse.

    Args:
        edge_index: train interactions, users over items.
        num_users: U.
        num_items: I.
        k: users kept for each user; one who shares items with fewer has fewer.
        chunk_size: users handled at once.

    Returns:
        ``edge_index`` (2, E), neighbour v over user u, and ``edge_weight``, the number of shared items.

    Raises:
        ValueError: if ``k`` is not positive.

    Example:
        >>> edges = torch.tensor([[0, 0, 1, 1, 2], [0, 1, 0, 1, 1]])
        >>> co_interaction_graph(edges, 3, 2, k=1)
        (tensor([[1, 0, 0],
                [0, 1, 2]]), tensor([2., 2., 1.]))
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    user, item = edge_index.cpu().numpy()
    ones = np.ones(user.size, dtype=np.float32)
    interactions = sparse.csr_array((ones, (user, item)), shape=(num_users, num_items))
    transposed = interactions.T.tocsr()
    parts = []
    for start in range(0, num_users, chunk_size):
        shared = (interactions[start : start + chunk_size] @ transposed).tocoo()
        row = shared.row.astype(np.int64) + start
        col = shared.col.astype(np.int64)
        count = shared.data
        parts.append(top_entries(row[row != col], col[row != col], count[row != col], k))
    target, source, count = (np.concatenate(part) for part in zip(*parts, strict=True))
    device = edge_index.device
    return torch.from_numpy(np.stack([source, target])).to(device), torch.from_numpy(count).to(device)


class CoInteractionGraph(GraphTransform):
    """Adds ``("user", "co_interacts", "user")`` with the number of shared items as ``edge_weight``.

    Args:
        k: users kept for each user, see :func:`co_interaction_graph`.
    """

    def __init__(self, *, k: int = 40) -> None:
        self.k = k

    def forward(self, data: HeteroData) -> HeteroData:
        """Adds the edges to ``data``."""
        sizes = int(data["user"].num_nodes), int(data["item"].num_nodes)
        store = data["user", "co_interacts", "user"]
        store.edge_index, store.edge_weight = co_interaction_graph(data[INTERACTS].edge_index, *sizes, self.k)
        return data
