"""LightGCN's propagation over the user-item edges of a ``HeteroData``."""

from collections.abc import Iterator

from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.nn.conv.light_gcn import LightGCNConv
from mmgraph.nn.sides import Sides
from mmgraph.typing import INTERACTS, REV_INTERACTS


class BipartitePropagation(nn.Module):
    r"""Users and items exchange messages for ``num_layers`` rounds (LightGCN, SIGIR 2020, https://arxiv.org/abs/2002.02126).

    .. math:: \mathbf x_u^{(l)} = \sum_{i \in N_u} \frac{\mathbf x_i^{(l-1)}}{\sqrt{|N_u|}\sqrt{|N_i|}}, \qquad
              \mathbf x_i^{(l)} = \sum_{u \in N_i} \frac{\mathbf x_u^{(l-1)}}{\sqrt{|N_i|}\sqrt{|N_u|}}

    Args:
        num_layers: rounds L.
        norm: how messages are weighed, see :class:`~mmgraph.nn.LightGCNConv`.

    Shapes:
        user ``(U, D)``, item ``(I, D)`` -> the same shapes

    Example:
        On any bipartite graph with ``degree`` on both node types:

        >>> import torch
        >>> graph = HeteroData(user={"degree": torch.tensor([1.0, 2.0])}, item={"degree": torch.tensor([2.0, 1.0])})
        >>> graph["user", "interacts", "item"].edge_index = torch.tensor([[0, 1, 1], [0, 0, 1]])
        >>> graph["item", "rev_interacts", "user"].edge_index = torch.tensor([[0, 0, 1], [0, 1, 1]])
        >>> user, item = BipartitePropagation(2)(torch.ones(2, 4), torch.ones(2, 4), graph)
        >>> user.shape, item.shape
        (torch.Size([2, 4]), torch.Size([2, 4]))
    """

    def __init__(self, num_layers: int, *, norm: str = "sym") -> None:
        super().__init__()
        self.num_layers = num_layers
        self.conv = LightGCNConv(norm=norm)

    def layers(self, user: Tensor, item: Tensor, graph: HeteroData) -> Iterator[Sides]:
        """Yields the users and items of layers 1 to L."""
        user_degree, item_degree = graph["user"].degree, graph["item"].degree
        to_item, to_user = graph[INTERACTS].edge_index, graph[REV_INTERACTS].edge_index
        for _ in range(self.num_layers):
            user, item = (
                self.conv((item, user), to_user, degree=(item_degree, user_degree)),
                self.conv((user, item), to_item, degree=(user_degree, item_degree)),
            )
            yield user, item

    def sum(self, user: Tensor, item: Tensor, graph: HeteroData) -> Sides:
        """Sum of layers 1 to L, without the ego layer; added up on the way, never stacked."""
        layers = self.layers(user, item, graph)
        total_user, total_item = next(layers)
        for next_user, next_item in layers:
            total_user, total_item = total_user + next_user, total_item + next_item
        return total_user, total_item

    def forward(self, user: Tensor, item: Tensor, graph: HeteroData) -> Sides:
        r"""Mean of layers 0 to L, :math:`\frac{1}{L+1} \sum_{l=0}^{L} \mathbf x^{(l)}` (LightGCN, Eq. 4)."""
        if self.num_layers == 0:
            return user, item
        sum_user, sum_item = self.sum(user, item, graph)
        scale = 1.0 / (self.num_layers + 1)
        return (user + sum_user) * scale, (item + sum_item) * scale
