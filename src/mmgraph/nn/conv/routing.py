"""Neighbours averaged by the softmax of how much they resemble the node: GRCN's routing."""

from typing import Any

from jaxtyping import Float, Int
from torch import Tensor
from torch_geometric.nn import MessagePassing
from torch_geometric.utils import softmax

from mmgraph.nn.sparse.edge_dot import edge_dot
from mmgraph.nn.sparse.weighted_spmm import weighted_spmm


class RoutingConv(MessagePassing):
    r"""One step of neighbour routing; what each edge weighs comes along with what each node heard.

    Wei et al., "Graph-Refined Convolutional Network for Multimedia Recommendation with Implicit Feedback" (GRCN),
    MM 2020, https://arxiv.org/abs/2008.10294.

    .. math:: \mathbf x_i' = \sum_{j \in N(i)} \alpha_{ji}\, \mathbf x_j, \qquad
              \alpha_{ji} = \operatorname*{softmax}_{j \in N(i)} (\mathbf x_i^\top \mathbf x_j)

    There is nothing to train here. Neither products nor messages hold a vector per edge (:mod:`mmgraph.nn.edge_dot`,
    :mod:`mmgraph.nn.weighted_spmm`). A node without neighbours hears 0.

    Args:
        **kwargs: of :class:`torch_geometric.nn.MessagePassing`.

    Shapes:
        x ``(sources (S, D), targets (T, D))``, edge_index ``(2, E)`` -> ``(T, D)``, ``(E,)``

    Example:
        >>> import torch
        >>> items, users = torch.tensor([[1.0], [3.0]]), torch.zeros(1, 1)
        >>> heard, weight = RoutingConv()((items, users), torch.tensor([[0, 1], [0, 0]]))
        >>> heard, weight
        (tensor([[2.]]), tensor([0.5000, 0.5000]))
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(aggr="sum", **kwargs)

    def forward(
        self, x: tuple[Float[Tensor, "sources dim"], Float[Tensor, "targets dim"]], edge_index: Int[Tensor, "2 edges"]
    ) -> tuple[Float[Tensor, "targets dim"], Float[Tensor, " edges"]]:
        """Passes one round of messages; gives the weights too."""
        source, target = x
        num_targets = target.size(0)
        alpha = softmax(edge_dot(source, target, edge_index), edge_index[1], num_nodes=num_targets)
        if self.explain:  # an explainer's mask acts on single messages
            return self.propagate(edge_index, x=x, alpha=alpha, size=(source.size(0), num_targets)), alpha
        return weighted_spmm(source, edge_index, alpha, num_targets), alpha

    def message(self, x_j: Float[Tensor, "edges dim"], alpha: Float[Tensor, " edges"]) -> Float[Tensor, "edges dim"]:
        """What a source says, times its share."""
        return alpha.unsqueeze(-1) * x_j
