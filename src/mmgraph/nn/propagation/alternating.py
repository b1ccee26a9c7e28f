"""Propagation in which users and items aggregate in turns, as MMSSL and LLMRec have it."""

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.nn.common.sides import add_sides, scale_sides
from mmgraph.nn.conv.light_gcn import LightGCNConv
from mmgraph.typing import INTERACTS, REV_INTERACTS, Sides


class AlternatingPropagation(nn.Module):
    r"""Users aggregate items, then items what these users have become; sums over the root of the number of neighbours.

    Wei et al., "Multi-Modal Self-Supervised Learning for Recommendation" (MMSSL), WWW 2023,
    https://arxiv.org/abs/2302.10632, and the same authors' LLMRec, WSDM 2024, https://arxiv.org/abs/2311.00423.

    .. math:: \mathbf x_u^{(l)} = \frac{1}{\sqrt{|N_u|}} \sum_{i \in N_u} \mathbf x_i^{(l-1)}, \qquad
              \mathbf x_i^{(l)} = \frac{1}{\sqrt{|N_i|}} \sum_{u \in N_i} \mathbf x_u^{(l)}

    The last layer passes a softmax over the numbers of each vector, both times, as the authors' code has it.

    Args:
        num_layers: rounds L.

    Shapes:
        user ``(U, D)``, item ``(I, D)`` -> the same shapes

    Example:
        >>> graph = HeteroData(user={"degree": torch.tensor([1.0, 2.0])}, item={"degree": torch.tensor([2.0, 1.0])})
        >>> graph["user", "interacts", "item"].edge_index = torch.tensor([[0, 1, 1], [0, 0, 1]])
        >>> graph["item", "rev_interacts", "user"].edge_index = torch.tensor([[0, 0, 1], [0, 1, 1]])
        >>> user, item = AlternatingPropagation(2)(torch.ones(2, 4), torch.ones(2, 4), graph)
        >>> user.shape, item.shape
        (torch.Size([2, 4]), torch.Size([2, 4]))
    """

    def __init__(self, num_layers: int) -> None:
        super().__init__()
        self.num_layers = num_layers
        self.conv = LightGCNConv(norm="root")

    def items_to_users(self, item: Tensor, graph: HeteroData) -> Tensor:
        """Users as the sums of their items."""
        degree = graph["item"].degree, graph["user"].degree
        return self.conv((item, None), graph[REV_INTERACTS], degree=degree)

    def users_to_items(self, user: Tensor, graph: HeteroData) -> Tensor:
        """Items as the sums of their users."""
        degree = graph["user"].degree, graph["item"].degree
        return self.conv((user, None), graph[INTERACTS], degree=degree)

    def exchange(self, item: Tensor, graph: HeteroData) -> Sides:
        """One round without softmax: users aggregate the items, items these users."""
        user = self.items_to_users(item, graph)
        return Sides(user, self.users_to_items(user, graph))

    def forward(self, user: Tensor, item: Tensor, graph: HeteroData) -> Sides:
        """Mean of layers 0 to L."""
        layers = [Sides(user, item)]
        for layer in range(1, self.num_layers + 1):
            user, item = self.exchange(item, graph) if layer < self.num_layers else self._last(item, graph)
            layers.append(Sides(user, item))
        return scale_sides(add_sides(layers), 1.0 / (self.num_layers + 1))

    def _last(self, item: Tensor, graph: HeteroData) -> Sides:
        user = torch.softmax(self.items_to_users(item, graph), dim=-1)
        return Sides(user, torch.softmax(self.users_to_items(user, graph), dim=-1))
