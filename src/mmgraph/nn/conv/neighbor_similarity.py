"""NSMAR+'s propagation: a neighbour counts by how much it resembles the other neighbours of the same node."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from mmgraph.nn.conv.degrees import Degrees, count_degrees, count_targets
from mmgraph.nn.conv.edges import EdgesLike
from mmgraph.nn.conv.weighted_sum import NodesLike, WeightedSum
from mmgraph.nn.sparse.similarity import similarity_coefficients
from mmgraph.nn.sparse.weighted_spmm import weighted_spmm

NORMS = ("printed", "mean", "root", "sym")


class NeighborSimilarityConv(WeightedSum):
    r"""One step of NSMAR+: neighbours that resemble the other neighbours weigh more (Eq. 3-6, without the MLP).

    "Neighbor Similarity and Multimodal Alignment based Product Recommendation Study", UAI 2024,
    https://openreview.net/forum?id=1jV9k56mme.

    .. math:: \mathbf x_u' = \frac{1}{\sqrt{d_u}} \sum_{i \in N_u} \alpha_{u,i}\, \mathbf x_i\ (\text{printed}), \quad
              \frac{\sum_i \alpha_{u,i} \mathbf x_i}{\sum_i \alpha_{u,i}}\ (\text{mean}), \quad
              \sqrt{d_u}\, \frac{\sum_i \alpha_{u,i} \mathbf x_i}{\sum_i \alpha_{u,i}}\ (\text{root}), \quad
              \sqrt{d_u}\, \frac{\sum_i \alpha_{u,i} \mathbf x_i / \sqrt{d_i}}{\sum_i \alpha_{u,i}}\ (\text{sym})

    with :math:`\alpha_{u,i}` of :func:`~mmgraph.nn.similarity_coefficients`. There is nothing to train here: the
    paper's perceptron is a module that the caller applies to what comes out. ``edge_index`` may hold a sample of each
    node's neighbours; ``degree`` is then that of the full graph, and "printed", the one norm that is a sum, grows
    by the ``sample_scale`` of an edge store.

    Cost, with E edges, W wedges (:math:`\sum_u |N_u|^2`) and D dimensions, forward and backward: 6 D W operations in
    batched products over targets of equal degree (no padding) and 8 D E beside; about 40 D E bytes moved, and 60 W
    inside the cache. Memory beyond inputs and outputs: D E floats in the backward pass; wedges only in chunks. What
    depends on ``edge_index`` alone is sorted once and remembered: pass the same tensor again.

    Args:
        include_self: whether a neighbour is compared with itself too, as printed.
        norm: "printed": over the root of the degree, while the coefficients are means already: it shrinks as 1/d where
            neighbours are unlike each other; "mean": a weighted mean; "root": coefficients relative to their mean, over
            the root of the degree; "sym": the same over the roots of both degrees: where all neighbours are alike it is
            :class:`~mmgraph.nn.LightGCNConv`.
        **kwargs: of :class:`torch_geometric.nn.MessagePassing`; ``aggr`` is "sum".

    Shapes:
        x ``(N, D)``, or ``(sources (S, D), targets (T, D) or None)``; edge_index ``(2, E)``, sources over targets, a
        sparse adjacency ``(T, S)`` or an edge store of a ``HeteroData``; degree ``((S,), (T,))`` -> ``(T, D)``

    Raises:
        ValueError: for an unknown ``norm``, another ``aggr``, edges with weights; if nothing gives the number of rows
            to return, or the inputs do not fit each other.

    Example:
        The coefficients are 2/3, 2/3 and 1/3, the first entry (2/3 + 4/3 - 1/3) / sqrt(3):

        >>> items, users = torch.tensor([[1.0, -1.0], [2.0, -2.0], [-1.0, 1.0]]), torch.zeros(1, 2)
        >>> NeighborSimilarityConv()((items, users), torch.tensor([[0, 1, 2], [0, 0, 0]]))
        tensor([[ 0.9623, -0.9623]])
    """

    only_sum = "norm= sets what becomes of the sum"
    own_weights = True

    def __init__(self, *, include_self: bool = True, norm: str = "printed", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if norm not in NORMS:
            raise ValueError(f"norm must be one of {NORMS}, got {norm!r}")
        self.include_self = include_self
        self.norm = norm

    def forward(
        self, x: NodesLike, edge_index: EdgesLike, *, degree: Degrees | None = None
    ) -> Float[Tensor, "targets dim"]:
        """Passes one round of messages; ``degree`` is counted from the edges where it is not given."""
        inputs = self.read(x, edge_index)
        num_targets = count_targets(inputs, degree)
        if degree is None:
            degree = count_degrees(inputs, num_targets)
        root_source, root_target = (count.clamp(min=1).sqrt().unsqueeze(-1) for count in degree)
        source = inputs.source
        index = inputs.edges.edge_index
        alpha = similarity_coefficients(source, index, num_targets, include_self=self.include_self)
        if self.norm == "sym":
            inputs = inputs._replace(source=source / root_source)
        total = self.weighted_sum(inputs, alpha, num_targets, changing=True, shares=self.norm != "printed")
        if self.norm == "printed":
            return total / root_target
        weight = weighted_spmm(source.new_ones(source.size(0), 1), index, alpha, num_targets)
        mean = total / weight.clamp(min=torch.finfo(weight.dtype).eps)
        return mean if self.norm == "mean" else mean * root_target
