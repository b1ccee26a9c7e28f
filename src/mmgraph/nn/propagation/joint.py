"""Ids and every modality propagated with the same users, side by side, and joined by a linear map."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.nn.common.initialization import xavier_matrices_
from mmgraph.nn.common.reset import Resettable
from mmgraph.nn.modality.projection import ModalityProjection
from mmgraph.nn.propagation.bipartite import BipartitePropagation
from mmgraph.typing import INTERACTS, RowwiseView, Sides


class JointPropagation(Resettable):
    r"""LightGCN on item ids and on each modality's projected features, all with the same users, then one vector of all.

    Tao et al., "Self-supervised Learning for Multimedia Recommendation" (SLMRec), TMM 2022,
    https://doi.org/10.1109/TMM.2022.3187556; MMGCL (SIGIR 2022, https://doi.org/10.1145/3477495.3532027) does the same.

    .. math::
        \mathbf X^{m,(0)} = \big[\mathbf E_U ; \mathbf W^m \tfrac{\mathbf x_i^m}{\|\mathbf x_i^m\|} + \mathbf b^m\big],
        \qquad \bar{\mathbf X}^m = \frac{1}{L+1} \sum_{l=0}^{L} \hat{\mathbf A}^l \mathbf X^{m,(0)}, \qquad
        \mathbf e_u = \mathbf W_U [\bar{\mathbf x}_u^{id} \| \bar{\mathbf x}_u^1 \| \dots] + \mathbf b_U

    and items alike with a map of their own. Propagation leaves columns apart, so that what is side by side at the start
    travels in one product a layer.

    Args:
        feat_dims: size d_m of each modality's features, by name.
        emb_dim: size D of the vectors.
        num_layers: rounds L.

    Example:
        >>> block = JointPropagation({"text": 3}, emb_dim=4, num_layers=2)
        >>> item = block.side_by_side(torch.ones(2, 4), {"text": torch.ones(2, 3)})
        >>> item.shape, [side.shape for side in block.join(Sides(torch.ones(5, 8), item))]
        (torch.Size([2, 8]), [torch.Size([5, 4]), torch.Size([2, 4])])
    """

    def __init__(self, feat_dims: Mapping[str, int], *, emb_dim: int, num_layers: int) -> None:
        super().__init__()
        self.project = ModalityProjection(feat_dims, emb_dim=emb_dim, normalize=True)
        self.propagation = BipartitePropagation(num_layers)
        self.num_parts = len(feat_dims) + 1
        self.join_user = nn.Linear(self.num_parts * emb_dim, emb_dim)
        self.join_item = nn.Linear(self.num_parts * emb_dim, emb_dim)
        self.draw_parameters()

    def draw_parameters(self) -> None:
        """Draws the matrices by Xavier's uniform rule."""
        xavier_matrices_(self)

    def leave_out(self, place: int) -> None:
        """Joins without a modality, whose projection is gone: its columns are taken out of both maps.

        Args:
            place: of the modality among the others.
        """
        for linear in (self.join_user, self.join_item):
            parts = list(linear.weight.detach().chunk(self.num_parts, dim=1))
            del parts[place + 1]  # part 0 are the ids
            linear.weight = nn.Parameter(torch.cat(parts, dim=1))
        self.num_parts -= 1

    def side_by_side(self, item: Tensor, x_dict: Mapping[str, Tensor]) -> Tensor:
        """The parts' items of layer 0, ids and projected features ``(I, (M+1) D)``.

        Args:
            item: ids ``(I, D)``.
            x_dict: features by modality ``(I, d_m)``.
        """
        return torch.cat([item, *self.project(x_dict).values()], dim=1)

    def forward(self, user: Tensor, item: Tensor, graph: HeteroData, *, relation: str = INTERACTS[1]) -> Sides:
        """Mean of layers 0 to L of all parts, side by side: ``(U, (M+1) D)`` and ``(I, (M+1) D)``.

        Propagation is linear: what comes of the users is the same in all parts, and is made once.

        Args:
            user: with which all parts start ``(U, D)``.
            item: the parts' items, from :meth:`side_by_side`.
            graph: see :class:`~mmgraph.nn.BipartitePropagation`.
            relation: name of the edges.
        """
        of_users = self.propagation.from_one_side(user, graph, side="user", relation=relation)
        of_items = self.propagation.from_one_side(item, graph, side="item", relation=relation)
        return Sides(*(self._added(*pair) for pair in zip(of_items, of_users, strict=True)))

    def _added(self, parts: Tensor, same: Tensor) -> Tensor:
        """The same summand to each part."""
        return (parts.view(-1, self.num_parts, same.size(1)) + same.unsqueeze(1)).flatten(1)

    def join(self, parts: Sides) -> Sides:
        """One vector of the parts for each user and item."""
        return Sides(self._of_user(parts.user), self._of_item(parts.item))

    def join_when_read(self, parts: Sides) -> RowwiseView:
        """:meth:`join` for the nodes that a loss reads."""
        return RowwiseView({"user": self._of_user, "item": self._of_item}, parts._asdict())

    # Under autocast the product is in bf16; what is scored afterwards is not.
    def _of_user(self, parts: Tensor) -> Tensor:
        return self.join_user(parts).to(parts.dtype)

    def _of_item(self, parts: Tensor) -> Tensor:
        return self.join_item(parts).to(parts.dtype)
