"""Train interactions and what follows from them: their reverse, and how many each user and item has."""

import torch
from jaxtyping import Int
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.utils import degree

from mmgraph.transforms.base import GraphTransform
from mmgraph.typing import INTERACTS, REV_INTERACTS


def interaction_degrees(data: HeteroData, *, dtype: torch.dtype | None = None) -> tuple[Tensor, Tensor]:
    """Number of ``interacts`` edges of every user ``(U,)`` and item ``(I,)``.

    Args:
        data: a graph with ``num_nodes`` on both node types.
        dtype: of the two vectors; None: torch's default.

    >>> data = HeteroData(user={"num_nodes": 2}, item={"num_nodes": 3})
    >>> data["user", "interacts", "item"].edge_index = torch.tensor([[0, 0, 1], [0, 1, 1]])
    >>> interaction_degrees(data)
    (tensor([2., 1.]), tensor([1., 2., 0.]))
    """
    user, item = data[INTERACTS].edge_index
    num_users = int(data["user"].num_nodes)
    num_items = int(data["item"].num_nodes)
    return degree(user, num_users, dtype), degree(item, num_items, dtype)


def set_interactions(data: HeteroData, edge_index: Int[Tensor, "2 edges"], *, dtype: torch.dtype | None = None) -> None:
    """Gives ``data`` these interactions, the same backwards in the same order, and the degrees of both sides; in place.

    Args:
        data: a graph with ``num_nodes`` on both node types.
        edge_index: users over items.
        dtype: of the degrees; None: torch's default.

    Example:
        >>> data = HeteroData(user={"num_nodes": 1}, item={"num_nodes": 3})
        >>> set_interactions(data, torch.tensor([[0, 0], [0, 2]]))
        >>> data["item", "rev_interacts", "user"].edge_index.tolist(), data["item"].degree.tolist()
        ([[0, 2], [0, 0]], [1.0, 0.0, 1.0])
    """
    data[INTERACTS].edge_index = edge_index
    data[REV_INTERACTS].edge_index = edge_index.flip(0)
    data["user"].degree, data["item"].degree = interaction_degrees(data, dtype=dtype)


class Degrees(GraphTransform):
    """Writes ``data["user"].degree`` and ``data["item"].degree``; what mmgraph's own data sets bring along already."""

    def forward(self, data: HeteroData) -> HeteroData:
        """Adds the two vectors to ``data``."""
        data["user"].degree, data["item"].degree = interaction_degrees(data)
        return data
