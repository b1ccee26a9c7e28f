"""Propagation over the graph of users and that of items, each on its own."""

from torch import nn
from torch_geometric.data import HeteroData

from mmgraph.nn.conv.softmax_graph import SoftmaxGraphConv
from mmgraph.nn.propagation.smoothing import GraphSmoothing
from mmgraph.typing import Sides


class HomogeneousPropagation(nn.Module):
    r"""Messages among users who choose alike and among items that look alike, added to what each node was.

    NSMAR+, Eq. 13-16 (UAI 2024, https://openreview.net/forum?id=1jV9k56mme):

    .. math:: \mathbf z_u = \mathbf x_u + (S_U^n\, \mathbf M_U)_u, \qquad
              \mathbf z_i = \mathbf x_i + (S_I^n\, \mathbf M_I)_i

    with the softmax-weighted rounds S of :class:`~mmgraph.nn.SoftmaxGraphConv`.

    Args:
        num_layers: rounds n over either graph; 0: what comes in goes out.

    Shapes:
        x and message: user ``(U, D)``, item ``(I, D)`` -> the same shapes

    Example:
        >>> import torch
        >>> graph = HeteroData()
        >>> for edge_type in (("user", "co_interacts", "user"), ("item", "similar", "item")):
        ...     graph[edge_type].edge_index = torch.tensor([[1], [0]])
        ...     graph[edge_type].edge_weight = torch.ones(1)
        >>> sides = Sides(torch.tensor([[1.0], [2.0]]), torch.tensor([[3.0], [4.0]]))
        >>> HomogeneousPropagation(1)(sides, sides, graph)
        Sides(user=tensor([[3.],
                [2.]]), item=tensor([[7.],
                [4.]]))
    """

    def __init__(self, num_layers: int) -> None:
        super().__init__()
        self.smooth = GraphSmoothing(num_layers, SoftmaxGraphConv())

    def forward(self, x: Sides, message: Sides, graph: HeteroData) -> Sides:
        """Adds to ``x`` what ``message`` becomes over the graph of users and that of items."""
        if self.smooth.num_layers == 0:
            return x
        of_users = self.smooth(message.user, graph, "user", "co_interacts")
        of_items = self.smooth(message.item, graph, "item", "similar")
        return Sides(x.user + of_users, x.item + of_items)
