"""Dropout of interactions at every step, unlike the transforms, which draw once an epoch."""

import copy

import torch.nn.functional as F
from torch import nn
from torch_geometric.data import HeteroData

from mmgraph.nn.conv.light_gcn import edge_norm
from mmgraph.typing import INTERACTS, REV_INTERACTS


class EdgeDropout(nn.Module):
    r"""While training, leaves each message between a user and an item out with the same chance.

    .. math:: w_{ji} = \frac{m_{ji}}{1 - p} \frac{1}{\sqrt{d_j d_i}}, \qquad m_{ji} \sim \text{Bernoulli}(1 - p)

    The sums stay the same on average; the two directions of an interaction are drawn apart.

    Args:
        p: chance to leave a message out, in [0, 1).

    Raises:
        ValueError: if ``p`` is out of range.

    Example:
        >>> import torch
        >>> graph = HeteroData(user={"degree": torch.tensor([1.0])}, item={"degree": torch.tensor([1.0])})
        >>> graph["user", "interacts", "item"].edge_index = torch.tensor([[0], [0]])
        >>> graph["item", "rev_interacts", "user"].edge_index = torch.tensor([[0], [0]])
        >>> EdgeDropout(0.5).eval()(graph) is graph
        True
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"p={p}, the share of messages left out, must be at least 0 and below 1")
        self.p = p

    def forward(self, graph: HeteroData) -> HeteroData:
        """The graph with weights on its interactions; the graph that is given stays as it is."""
        if not self.training or not self.p:
            return graph
        dropped = copy.copy(graph)
        for edge_type in (INTERACTS, REV_INTERACTS):
            source, _, target = edge_type
            norm = edge_norm(graph[edge_type].edge_index, graph[source].degree, graph[target].degree)
            dropped[edge_type].edge_weight = F.dropout(norm, self.p)
        return dropped
