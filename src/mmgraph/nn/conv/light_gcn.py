"""LightGCN's propagation: neighbours averaged with a fixed weight, no transformation, no activation."""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from mmgraph.nn.common.sampled_sum import SAMPLE_SCALE
from mmgraph.nn.conv.degrees import Degrees, count_degrees, count_targets
from mmgraph.nn.conv.edges import EdgesLike
from mmgraph.nn.conv.weighted_sum import Inputs, NodesLike, WeightedSum
from mmgraph.nn.sparse.edge_rows import EdgeRows
from mmgraph.nn.sparse.spmm import TensorCache

NORMS = ("sym", "mean", "root", "sum")

_edge_weights = TensorCache()


def edge_norm(
    edge_index: Int[Tensor, "2 edges"],
    source_degree: Float[Tensor, " sources"],
    target_degree: Float[Tensor, " targets"],
    *,
    norm: str = "sym",
) -> Float[Tensor, " edges"]:
    r"""Weight of each edge j -> i, by the degrees of its ends.

    ``sym`` :math:`1/\sqrt{d_j d_i}`, ``mean`` :math:`1/d_i`, ``root`` :math:`1/\sqrt{d_i}`, ``sum`` 1.

    An end without train interactions has degree 0; its edges (in a graph that knows more than the training data)
    weigh 0. The result is remembered for as long as the three tensors live unchanged.

    Args:
        edge_index: sources over targets.
        source_degree: number of edges of each source in the full graph.
        target_degree: the same for each target.
        norm: which of the four.

    Raises:
        ValueError: if ``norm`` is none of them.

    Example:
        >>> edges = torch.tensor([[0, 1], [0, 0]])
        >>> edge_norm(edges, torch.tensor([1.0, 4.0]), torch.tensor([2.0]))
        tensor([0.7071, 0.3536])
    """
    if norm not in NORMS:
        raise ValueError(f"norm must be one of {NORMS}, got {norm!r}")
    inputs = (edge_index, source_degree, target_degree)
    return _edge_weights(lambda: weigh_edges(*inputs, norm=norm), inputs, norm)


def weigh_edges(edge_index: Tensor, source_degree: Tensor, target_degree: Tensor, *, norm: str) -> Tensor:
    """What :func:`edge_norm` remembers."""
    if norm == "sum":
        return torch.ones(edge_index.size(1), dtype=target_degree.dtype, device=edge_index.device)
    at_target = target_degree.index_select(0, edge_index[1])
    product = at_target * source_degree.index_select(0, edge_index[0]) if norm == "sym" else at_target
    weight = product.reciprocal() if norm == "mean" else product.sqrt().reciprocal()
    return torch.where(product > 0, weight, torch.zeros_like(weight))


def sum_edge_rows(
    x: Float[Tensor, "sources dim"],
    rows: EdgeRows,
    source_degree: Float[Tensor, " sources"],
    target_degree: Float[Tensor, " targets"],
    *,
    norm: str = "sym",
) -> Float[Tensor, "targets dim"]:
    r"""The messages of edges that may lie in files, some targets at a time.

    .. math:: \mathbf x_i' = \sum_{j \in N(i)} w_{ji}\, \mathbf x_j

    Holds, beside the result, about 24 bytes for each of 2^20 edges.

    Args:
        x: the sources.
        rows: the edges by target.
        source_degree: number of edges of each source in the full graph.
        target_degree: the same for each target.
        norm: how :func:`edge_norm` weighs them.

    Example:
        >>> rows = EdgeRows(torch.tensor([0, 2, 2]), torch.tensor([0, 1], dtype=torch.int32))
        >>> sum_edge_rows(torch.eye(2), rows, torch.tensor([1.0, 4.0]), torch.tensor([2.0, 0.0]), norm="mean")
        tensor([[0.5000, 0.5000],
                [0.0000, 0.0000]])
    """
    total = []
    for target in rows.target_blocks():
        row, source = rows.entries(target)
        weight = weigh_edges(torch.stack([source, target[row]]), source_degree, target_degree, norm=norm).to(x.dtype)
        start = rows.start(target) - rows.start(target[:1])
        total.append(F.embedding_bag(source, x, start, mode="sum", per_sample_weights=weight))
    return torch.cat(total)


class LightGCNConv(WeightedSum):
    r"""One step of LightGCN on a bipartite or homogeneous graph (He et al., SIGIR 2020, https://arxiv.org/abs/2002.02126).

    .. math:: \mathbf x_i' = \sum_{j \in N(i)} w_{ji}\, \mathbf x_j, \qquad
              w_{ji} = \frac{1}{\sqrt{d_j d_i}}\ (\text{sym}),\quad \frac{1}{d_i}\ (\text{mean}),\quad
              \frac{1}{\sqrt{d_i}}\ (\text{root}),\quad 1\ (\text{sum})

    Equal edges and degrees are recognised by identity, and the sum is then a CSR matrix product in both directions
    (:func:`mmgraph.nn.spmm`, or :func:`mmgraph.nn.weighted_spmm` where weights need gradients). Hooks, an explainer's
    mask or another ``aggr`` take PyG's ``propagate``. All agree to 1e-6.

    Edges that were sampled carry ``sample_scale`` in their store: sums, and degrees that are counted from these edges,
    grow by it to those of the full graph.

    Args:
        norm: how messages are weighed when there is no ``edge_weight``.
        **kwargs: of :class:`torch_geometric.nn.MessagePassing`: ``aggr`` reduces the weighted messages, ``flow`` turns
            the edges of one kind of node round.

    Shapes:
        x ``(N, D)``, or ``(sources (S, D), targets (T, D) or None)`` of a bipartite graph; edge_index ``(2, E)``, or a
        sparse adjacency ``(T, S)`` whose values are its weights unless all are 1, or an edge store of a ``HeteroData``
        with its weights; edge_weight ``(E,)``; degree ``((S,), (T,))`` -> ``(T, D)``

    Raises:
        ValueError: if ``norm`` is unknown, nothing gives the number of rows to return, inputs do not fit each other, or
            degrees of sources would have to be counted from a sample.

    Example:
        In any PyG project, on plain tensors:

        >>> conv = LightGCNConv()
        >>> edge_index = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])
        >>> conv(torch.eye(3), edge_index)
        tensor([[0.0000, 0.7071, 0.0000],
                [0.7071, 0.0000, 0.7071],
                [0.0000, 0.7071, 0.0000]])
        >>> users, items = torch.ones(2, 4), torch.ones(3, 4)            # bipartite: messages from items to users
        >>> conv((items, users), torch.tensor([[0, 1, 2], [0, 0, 1]])).shape
        torch.Size([2, 4])
    """

    def __init__(self, *, norm: str = "sym", **kwargs: Any) -> None:
        if norm not in NORMS:
            raise ValueError(f"norm must be one of {NORMS}, got {norm!r}")
        super().__init__(**kwargs)
        self.norm = norm

    def forward(
        self,
        x: NodesLike,
        edge_index: EdgesLike,
        edge_weight: Float[Tensor, " edges"] | None = None,
        *,
        degree: Degrees | None = None,
    ) -> Float[Tensor, "targets dim"]:
        """Passes one round of messages; ``degree`` is counted from the edges where it is not given."""
        inputs = self.read(x, edge_index, edge_weight)
        num_targets = count_targets(inputs, degree)
        return self.weighted_sum(inputs, self._weigh(inputs, num_targets, degree), num_targets)

    def _weigh(self, inputs: Inputs, num_targets: int, degree: Degrees | None) -> Tensor:
        edges = inputs.edges
        if edges.weight is not None:
            return edges.weight
        if degree is None:
            if self.norm == "sym" and SAMPLE_SCALE in edges.store:
                raise ValueError("norm='sym' on sampled edges needs degree=: a sample knows its targets' degrees only")
            degree = count_degrees(inputs, num_targets)
        return edge_norm(edges.edge_index, *degree, norm=self.norm)
