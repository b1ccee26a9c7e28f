"""Neighbours averaged with the softmax of their edges' weights."""

from jaxtyping import Float
from torch import Tensor
from torch_geometric.utils import softmax

from mmgraph.nn.conv.degrees import count_targets
from mmgraph.nn.conv.edges import EdgesLike
from mmgraph.nn.conv.weighted_sum import Inputs, NodesLike, WeightedSum
from mmgraph.nn.sparse.spmm import TensorCache

_softmaxes = TensorCache()


class SoftmaxGraphConv(WeightedSum):
    r"""One step on a weighted graph: each node becomes the softmax-weighted mean of its neighbours (NSMAR+, Eq. 13-14).

    "Neighbor Similarity and Multimodal Alignment based Product Recommendation Study", UAI 2024,
    https://openreview.net/forum?id=1jV9k56mme; DualGNN (TMM 2021) and DRAGON (ECAI 2023) weigh user-user graphs alike.

    .. math:: \mathbf x_i' = \sum_{j \in N(i)} \frac{\exp(e_{ji})}{\sum_{k \in N(i)} \exp(e_{ki})}\, \mathbf x_j

    Shares without gradients are remembered with their graph, and the sum is a CSR product both ways
    (:func:`mmgraph.nn.spmm`, or :func:`mmgraph.nn.weighted_spmm` where weights need gradients). A node without
    neighbours becomes 0. A sample of a node's neighbours needs no scale: shares sum to 1.

    Args:
        **kwargs: of :class:`torch_geometric.nn.MessagePassing`; ``aggr`` is "sum".

    Shapes:
        x ``(N, D)``, or ``(sources (S, D), targets (T, D))``; edge_index ``(2, E)``, or a sparse adjacency ``(T, S)``
        whose values are its weights, or an edge store of a ``HeteroData`` with its weights; edge_weight ``(E,)``, all
        alike if nothing brings them -> ``(T, D)``

    Raises:
        ValueError: for another ``aggr``, or inputs that do not fit each other.

    Example:
        >>> import torch
        >>> x, edge_index = torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([[1, 2], [0, 0]])
        >>> SoftmaxGraphConv()(x, edge_index, torch.tensor([5.0, 5.0]))
        tensor([[3.],
                [0.],
                [0.]])
    """

    only_sum = "shares of a node's neighbours sum to 1, so that their sum is a mean already"

    def forward(
        self, x: NodesLike, edge_index: EdgesLike, edge_weight: Float[Tensor, " edges"] | None = None
    ) -> Float[Tensor, "targets dim"]:
        """Passes one round of messages."""
        inputs = self.read(x, edge_index, edge_weight)
        num_targets = count_targets(inputs, None)
        return self.weighted_sum(inputs, _shares(inputs, num_targets), num_targets, shares=True)


def _shares(inputs: Inputs, num_targets: int) -> Tensor:
    index = inputs.edges.edge_index
    if (weight := inputs.edges.weight) is None:
        uniform = inputs.source.new_zeros(index.size(1))
        return _softmaxes(lambda: softmax(uniform, index[1], num_nodes=num_targets), (index,), num_targets)
    if weight.requires_grad:
        return softmax(weight, index[1], num_nodes=num_targets)
    return _softmaxes(lambda: softmax(weight, index[1], num_nodes=num_targets), (index, weight), num_targets)
