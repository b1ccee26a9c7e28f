"""Messages over hyperedges that nodes belong to softly."""

from typing import Any

from jaxtyping import Float
from torch import Tensor, sparse_coo
from torch_geometric.nn import MessagePassing


class HypergraphConv(MessagePassing):
    r"""Nodes speak to their hyperedges, hyperedges to their nodes; nodes x nodes is never formed.

    Guo et al., "LGMRec: Local and Global Graph Learning for Multimodal Recommendation", AAAI 2024,
    https://arxiv.org/abs/2312.16400, Eq. 9-10; HCCF (SIGIR 2022) has the same form.

    .. math:: \mathbf E = \mathbf H^\top \mathbf X, \qquad \mathbf X' = \mathbf H' \mathbf E

    Unlike :class:`torch_geometric.nn.HypergraphConv` there is no transformation and no degree: the incidence, soft and
    trainable, says everything. It costs 4 N A D operations for N nodes, A hyperedges and D dimensions where the
    incidence is dense, and 4 D for each entry where it is sparse.

    Args:
        **kwargs: of :class:`torch_geometric.nn.MessagePassing`.

    Shapes:
        x ``(N, D)``; incidence ``(N, A)``; target_incidence ``(T, A)`` -> ``(T, D)``. An incidence is dense, or a
        sparse COO tensor, and may require gradients either way.

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

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(aggr="sum", **kwargs)

    def forward(
        self,
        x: Float[Tensor, "nodes dim"],
        incidence: Float[Tensor, "nodes hyperedges"],
        target_incidence: Float[Tensor, "targets hyperedges"] | None = None,
    ) -> Float[Tensor, "targets dim"]:
        """Passes one round; the targets are the nodes themselves unless ``target_incidence`` brings others."""
        hyperedge = self.to_hyperedges(x, incidence)
        return self.to_nodes(hyperedge, incidence if target_incidence is None else target_incidence)

    def to_hyperedges(
        self, x: Float[Tensor, "nodes dim"], incidence: Float[Tensor, "nodes hyperedges"]
    ) -> Float[Tensor, "hyperedges dim"]:
        r"""What the hyperedges hear, :math:`\mathbf H^\top \mathbf X`."""
        return incidence.T @ x if incidence.layout != sparse_coo else self._pass(x, incidence, flip=False)

    def to_nodes(
        self, hyperedge: Float[Tensor, "hyperedges dim"], incidence: Float[Tensor, "nodes hyperedges"]
    ) -> Float[Tensor, "nodes dim"]:
        r"""What the nodes hear from their hyperedges, :math:`\mathbf H \mathbf E`."""
        return incidence @ hyperedge if incidence.layout != sparse_coo else self._pass(hyperedge, incidence, flip=True)

    def _pass(self, x: Tensor, incidence: Tensor, *, flip: bool) -> Tensor:
        incidence = incidence.coalesce()
        edge_index, (num_nodes, num_hyperedges) = incidence.indices(), incidence.shape
        size = (num_hyperedges, num_nodes) if flip else (num_nodes, num_hyperedges)
        edge_index = edge_index.flip(0) if flip else edge_index
        return self.propagate(edge_index, x=(x, None), membership=incidence.values(), size=size)

    def message(
        self, x_j: Float[Tensor, "entries dim"], membership: Float[Tensor, " entries"]
    ) -> Float[Tensor, "entries dim"]:
        """What one end of an incidence says to the other."""
        return membership.unsqueeze(-1) * x_j
