"""Neighbours averaged by the softmax of how much they resemble the node: GRCN's routing."""

from jaxtyping import Float
from torch import Tensor
from torch_geometric.utils import softmax

from mmgraph.nn.conv.edges import EdgesLike
from mmgraph.nn.conv.weighted_sum import NodesLike, WeightedSum
from mmgraph.nn.sparse.edge_dot import edge_dot


class RoutingConv(WeightedSum):
    r"""One step of neighbour routing: each node becomes the mean of its neighbours, weighed by how alike they are.

    Wei et al., "Graph-Refined Convolutional Network for Multimedia Recommendation with Implicit Feedback" (GRCN),
    MM 2020, https://arxiv.org/abs/2008.10294.

    .. math:: \mathbf x_i' = \sum_{j \in N(i)} \alpha_{ji}\, \mathbf x_j, \qquad
              \alpha_{ji} = \operatorname*{softmax}_{j \in N(i)} (\mathbf x_i^\top \mathbf x_j)

    There is nothing to train here. Neither products nor messages hold a vector per edge (:mod:`mmgraph.nn.edge_dot`,
    :mod:`mmgraph.nn.weighted_spmm`). A node without neighbours becomes 0. A sample of a node's neighbours needs no
    scale: shares sum to 1.

    Args:
        **kwargs: of :class:`torch_geometric.nn.MessagePassing`; ``aggr`` is "sum".

    Shapes:
        x ``(N, D)``, or ``(sources (S, D), targets (T, D))``; edge_index ``(2, E)``, a sparse adjacency ``(T, S)`` or
        an edge store of a ``HeteroData`` -> ``(T, D)``, and ``(E,)`` with ``return_weight``

    Raises:
        ValueError: for another ``aggr``, edges with weights, or inputs that do not fit each other.

    Example:
        >>> import torch
        >>> items, users = torch.tensor([[1.0], [3.0]]), torch.zeros(1, 1)
        >>> RoutingConv()((items, users), torch.tensor([[0, 1], [0, 0]]), return_weight=True)
        (tensor([[2.]]), tensor([0.5000, 0.5000]))
    """

    only_sum = "shares of a node's neighbours sum to 1, so that their sum is a mean already"
    own_weights = True

    def forward(
        self, x: NodesLike, edge_index: EdgesLike, *, return_weight: bool = False
    ) -> Float[Tensor, "targets dim"] | tuple[Float[Tensor, "targets dim"], Float[Tensor, " edges"]]:
        """Passes one round of messages; gives each edge's share too where ``return_weight`` asks for it."""
        inputs = self.read(x, edge_index)
        source, target, edges, _ = inputs
        if target is None:
            raise ValueError("x=(source, None): routing compares sources with targets; pass x=(source, target)")
        num_targets = target.size(0)
        alpha = softmax(edge_dot(source, target, edges.edge_index), edges.edge_index[1], num_nodes=num_targets)
        total = self.weighted_sum(inputs, alpha, num_targets, changing=True, shares=True)
        return (total, alpha) if return_weight else total
