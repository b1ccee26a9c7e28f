"""How many train interactions each user and item has."""

from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.transforms import BaseTransform
from torch_geometric.utils import degree

from mmgraph.typing import INTERACTS


def interaction_degrees(data: HeteroData) -> tuple[Tensor, Tensor]:
    """Number of ``interacts`` edges of every user ``(U,)`` and item ``(I,)``, as float32.

    >>> import torch
    >>> data = HeteroData(user={"num_nodes": 2}, item={"num_nodes": 3})
    >>> data["user", "interacts", "item"].edge_index = torch.tensor([[0, 0, 1], [0, 1, 1]])
    >>> interaction_degrees(data)
    (tensor([2., 1.]), tensor([1., 2., 0.]))
    """
    user, item = data[INTERACTS].edge_index
    return degree(user, int(data["user"].num_nodes)), degree(item, int(data["item"].num_nodes))


class Degrees(BaseTransform):
    """Writes ``data["user"].degree`` and ``data["item"].degree``; what mmgraph's own data sets bring along already."""

    def forward(self, data: HeteroData) -> HeteroData:
        """Adds the two vectors to ``data``."""
        data["user"].degree, data["item"].degree = interaction_degrees(data)
        return data
