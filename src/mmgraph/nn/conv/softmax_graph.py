"""Neighbours averaged with the softmax of their edges' weights."""

from typing import Any

from jaxtyping import Float, Int
from torch import Tensor
from torch_geometric.nn import MessagePassing
from torch_geometric.utils import softmax

from mmgraph.nn.sparse.spmm import TensorCache, spmm

_softmaxes = TensorCache()


class SoftmaxGraphConv(MessagePassing):
    r"""One step on a weighted graph: each node becomes the softmax-weighted mean of its neighbours (NSMAR+, Eq. 13-14).

    "Neighbor Similarity and Multimodal Alignment based Product Recommendation Study", UAI 2024,
    https://openreview.net/forum?id=1jV9k56mme; DualGNN (TMM 2021) and DRAGON (ECAI 2023) weigh user-user graphs alike.

    .. math:: \mathbf x_i' = \sum_{j \in N(i)} \frac{\exp(e_{ji})}{\sum_{k \in N(i)} \exp(e_{ki})}\, \mathbf x_j

    Weights without gradients are remembered with their graph and used in a CSR product both ways
    (:func:`mmgraph.nn.spmm`); weights that need gradients take PyG's ``propagate``. A node without
    neighbours becomes 0.

    Args:
        **kwargs: of :class:`torch_geometric.nn.MessagePassing`.

    Shapes:
        x ``(N, D)``, edge_index ``(2, E)``, edge_weight ``(E,)`` -> ``(N, D)``

    Example:
        >>> import torch
        >>> x, edge_index = torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([[1, 2], [0, 0]])
        >>> SoftmaxGraphConv()(x, edge_index, torch.tensor([5.0, 5.0]))
        tensor([[3.],
                [0.],
                [0.]])
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(aggr="sum", **kwargs)

    def forward(
        self,
        x: Float[Tensor, "nodes dim"],
        edge_index: Int[Tensor, "2 edges"],
        edge_weight: Float[Tensor, " edges"],
    ) -> Float[Tensor, "nodes dim"]:
        """Passes one round of messages."""
        target, num_nodes = edge_index[1], x.size(0)
        if edge_weight.requires_grad:
            return self.propagate(edge_index, x=x, alpha=softmax(edge_weight, target, num_nodes=num_nodes))
        alpha = _softmaxes(
            lambda: softmax(edge_weight, target, num_nodes=num_nodes), (edge_index, edge_weight), num_nodes
        )
        return spmm(x, edge_index, alpha, num_nodes)

    def message(self, x_j: Float[Tensor, "edges dim"], alpha: Float[Tensor, " edges"]) -> Float[Tensor, "edges dim"]:
        """What a neighbour says, times its share."""
        return alpha.unsqueeze(-1) * x_j
