"""Item graphs whose weights are learned: cosines of learned vectors, beside the graph of the features themselves."""

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.data.storage import EdgeStorage

from mmgraph.nn.common.edge_store import edge_store
from mmgraph.nn.conv.weighted_sum import WeightedSum
from mmgraph.nn.sparse.edge_dot import edge_dot


def edge_cosine(x: Float[Tensor, "nodes dim"], edge_index: Int[Tensor, "2 edges"]) -> Float[Tensor, " edges"]:
    r"""Cosine of each edge's two ends, :math:`c_{ij} = \mathbf x_i^\top \mathbf x_j / \|\mathbf x_i\|\|\mathbf x_j\|`.

    Example:
        >>> edge_cosine(torch.tensor([[1.0, 0.0], [3.0, 4.0]]), torch.tensor([[0, 1], [0, 0]]))
        tensor([1.0000, 0.6000])
    """
    unit = F.normalize(x, dim=-1)
    return edge_dot(unit, unit, edge_index)


class LatentGraphConv(WeightedSum):
    r"""Items sum those most like them by learned vectors, and those most like them by their given features.

    Zhang et al., "Mining Latent Structures for Multimedia Recommendation" (LATTICE), MM 2021,
    https://arxiv.org/abs/2104.09036; MICRO (TKDE 2022, https://arxiv.org/abs/2111.00678) does it modality by modality.

    .. math::
        C^m_{ij} = \cos(\mathbf z_i^m, \mathbf z_j^m)\ (j \in N_i^m), \qquad
        \mathbf D = \mathrm{diag}\Big(\sum_m w_m \sum_j C^m_{ij}\Big), \qquad
        \mathbf x' = \lambda \sum_m w_m S^m \mathbf x
            + (1 - \lambda)\, \mathbf D^{-\frac 12} \Big(\sum_m w_m C^m\Big) \mathbf D^{-\frac 12} \mathbf x

    The neighbours :math:`N^m` are edges ``("item", "<name>_learned", "item")`` of the graph without a weight, and the
    initial graphs :math:`S^m` are ``("item", "<name>_knn", "item")`` with one. Gradients reach :math:`\mathbf z^m`
    through the cosines of these edges only; no items x items matrix is ever held.

    Args:
        num_layers: rounds of messages.
        initial_share: :math:`\lambda`, what the initial graphs count; in [0, 1].
        **kwargs: of :class:`torch_geometric.nn.MessagePassing`; ``aggr`` is "sum" and ``flow`` is as it is.

    Shapes:
        x ``(I, D)``, z_dict ``{name: (I, d)}``, weight ``(M,)`` -> ``(I, D)``

    Raises:
        ValueError: if there is no round, ``initial_share`` is out of range, or for another ``aggr`` or ``flow``.

    Example:
        >>> graph = HeteroData(item={"num_nodes": 2})
        >>> for relation, weight in (("text_knn", torch.ones(2)), ("text_learned", None)):
        ...     graph["item", relation, "item"].edge_index = torch.tensor([[0, 1], [0, 1]])
        >>> graph["item", "text_knn", "item"].edge_weight = torch.ones(2)
        >>> LatentGraphConv(1, initial_share=0.9)(torch.eye(2), {"text": torch.ones(2, 3)}, graph)
        tensor([[1., 0.],
                [0., 1.]])
    """

    only_sum = "the equation adds graphs up"

    def __init__(self, num_layers: int, *, initial_share: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if num_layers < 1:
            raise ValueError(f"num_layers={num_layers} must be at least 1: features act through this graph alone")
        if not 0 <= initial_share <= 1:
            raise ValueError(f"initial_share={initial_share} must be in [0, 1]")
        if self.flow != "source_to_target":
            raise ValueError(f"flow={self.flow!r} has no meaning here: the graph's edges lead to their targets")
        self.num_layers = num_layers
        self.initial_share = initial_share

    def forward(
        self,
        x: Float[Tensor, "items dim"],
        z_dict: Mapping[str, Float[Tensor, "items _"]],
        graph: HeteroData,
        weight: Float[Tensor, " modalities"] | None = None,
    ) -> Float[Tensor, "items dim"]:
        """Passes the rounds of messages; ``weight`` is of the modalities, in the order of ``z_dict``; all 1 if None."""
        factor = dict(zip(z_dict, x.new_ones(len(z_dict)) if weight is None else weight, strict=True))
        cosine = {
            name: factor[name] * edge_cosine(z, graph["item", f"{name}_learned", "item"].edge_index)
            for name, z in z_dict.items()
        }
        scale = _inverse_root(self._sum_learned(x.new_ones(x.size(0), 1), cosine, graph))
        for _ in range(self.num_layers):
            learned = scale * self._sum_learned(scale * x, cosine, graph)
            x = self.initial_share * self._sum_initial(x, factor, graph) + (1 - self.initial_share) * learned
        return x

    def _sum_learned(self, x: Tensor, weights: Mapping[str, Tensor], graph: HeteroData) -> Tensor:
        total = torch.zeros_like(x)
        for name, weight in weights.items():
            total = total + self._add_along(x, graph["item", f"{name}_learned", "item"], weight, changing=True)
        return total

    def _sum_initial(self, x: Tensor, factors: Mapping[str, Tensor], graph: HeteroData) -> Tensor:
        total = torch.zeros_like(x)
        for name, factor in factors.items():
            store = edge_store(graph, "item", f"{name}_knn", "item")
            total = total + factor * self._add_along(x, store, store.edge_weight, changing=False)
        return total

    def _add_along(self, x: Tensor, store: EdgeStorage, weight: Tensor, *, changing: bool) -> Tensor:
        return self.weighted_sum(self.read(x, store, weight), weight, x.size(0), changing=changing)


def _inverse_root(total: Tensor) -> Tensor:
    """One over the root; 0 where there is none, without a NaN in its gradient."""
    positive = total > 0
    return torch.where(positive, torch.where(positive, total, 1.0).rsqrt(), 0.0)
