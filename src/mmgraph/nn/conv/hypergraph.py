"""Messages over hyperedges that nodes belong to softly."""

from typing import Any, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor
from torch_geometric.typing import SparseTensor

from mmgraph.nn.conv.edges import LAYOUTS, coordinates
from mmgraph.nn.conv.weighted_sum import WeightedSum

IncidenceLike: TypeAlias = Tensor | SparseTensor
"""Memberships of nodes in hyperedges ``(N, A)``."""


class HypergraphConv(WeightedSum):
    r"""Messages from nodes to their hyperedges, and from hyperedges to their nodes; nodes x nodes is never formed.

    Guo et al., "LGMRec: Local and Global Graph Learning for Multimedia Recommendation", AAAI 2024,
    https://arxiv.org/abs/2312.16400, Eq. 9-10; HCCF (SIGIR 2022) has the same form.

    .. math:: \mathbf E = \mathbf H^\top \mathbf X, \qquad \mathbf X' = \mathbf H' \mathbf E

    Unlike :class:`torch_geometric.nn.HypergraphConv` there is no transformation and no degree: the incidence, soft and
    trainable, holds all there is. It costs 4 N A D operations for N nodes, A hyperedges and D dimensions where the
    incidence is dense, and 4 D for each entry where it is sparse. Hooks and an explainer's mask work on the entries
    that are not 0, row by row, in both rounds.

    Args:
        **kwargs: of :class:`torch_geometric.nn.MessagePassing`; ``aggr`` is "sum" and ``flow`` is as it is.

    Shapes:
        x ``(N, D)``; incidence ``(N, A)``; target_incidence ``(T, A)`` -> ``(T, D)``. An incidence is dense, a sparse
        tensor in COO or CSR layout, or a ``SparseTensor`` of torch-sparse, and may require gradients in all of them.

    Raises:
        ValueError: for another ``aggr`` or ``flow``, or what is no incidence.

    Example:
        Two nodes share a hyperedge, a third is alone, in any PyG project:

        >>> import torch
        >>> incidence = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> conv = HypergraphConv()
        >>> conv(torch.tensor([[1.0], [2.0], [5.0]]), incidence)
        tensor([[3.],
                [3.],
                [5.]])
        >>> conv(torch.tensor([[1.0], [2.0], [5.0]]), incidence.to_sparse_coo(), torch.tensor([[0.5, 0.5]]))
        tensor([[4.]])
    """

    only_sum = "a dense incidence is a product, which sums"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if self.flow != "source_to_target":
            raise ValueError(f"flow={self.flow!r} has no meaning here: messages go to the hyperedges and back")

    def forward(
        self,
        x: Float[Tensor, "nodes dim"],
        incidence: IncidenceLike,
        target_incidence: IncidenceLike | None = None,
    ) -> Float[Tensor, "targets dim"]:
        """Passes one round; the targets are the nodes themselves unless ``target_incidence`` brings others."""
        hyperedge = self.to_hyperedges(x, incidence)
        return self.to_nodes(hyperedge, incidence if target_incidence is None else target_incidence)

    def to_hyperedges(self, x: Float[Tensor, "nodes dim"], incidence: IncidenceLike) -> Float[Tensor, "hyperedges dim"]:
        r"""Sums of their nodes, :math:`\mathbf H^\top \mathbf X`."""
        return incidence.T @ x if self._is_product(incidence) else self._pass(x, incidence, to_nodes=False)

    def to_nodes(
        self, hyperedge: Float[Tensor, "hyperedges dim"], incidence: IncidenceLike
    ) -> Float[Tensor, "nodes dim"]:
        r"""Sums of their hyperedges, :math:`\mathbf H \mathbf E`."""
        return incidence @ hyperedge if self._is_product(incidence) else self._pass(hyperedge, incidence, to_nodes=True)

    def _is_product(self, incidence: IncidenceLike) -> bool:
        if isinstance(incidence, SparseTensor):
            return False
        if (
            incidence.dim() != 2
            or not incidence.is_floating_point()
            or incidence.layout not in (torch.strided, *LAYOUTS)
        ):
            raise ValueError(
                "incidence must be a matrix of numbers, nodes x hyperedges, dense or in COO or CSR layout; got "
                f"{incidence.dtype} of shape {tuple(incidence.shape)}, {incidence.layout}: of hyperedge_index (2, E) "
                "torch.sparse_coo_tensor(hyperedge_index, torch.ones(E), (nodes, hyperedges)) makes one"
            )
        return incidence.layout == torch.strided and self.is_plain

    def _pass(self, x: Tensor, incidence: IncidenceLike, *, to_nodes: bool) -> Tensor:
        if isinstance(incidence, SparseTensor):
            node, hyperedge, value = incidence.coo()
            of_nodes = torch.stack([hyperedge, node])
            membership = x.new_ones(node.numel()) if value is None else value
        else:
            of_nodes, membership = coordinates(incidence)
        index = of_nodes if to_nodes else of_nodes.flip(0)
        size = (x.size(0), incidence.size(0 if to_nodes else 1))
        return self.propagate(index, x=(x, None), edge_weight=membership, size=size)
