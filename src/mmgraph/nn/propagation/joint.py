"""Ids and every modality propagated with the same users, side by side, and joined by a linear map."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.nn.common.initialization import xavier_matrices_
from mmgraph.nn.common.reset import Resettable
from mmgraph.nn.modality.projection import ModalityProjection
from mmgraph.nn.propagation.bipartite import BipartitePropagation
from mmgraph.typing import Sides


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
        >>> start = block.start(torch.ones(5, 4), torch.ones(2, 4), {"text": torch.ones(2, 3)})
        >>> start.user.shape, start.item.shape, [side.shape for side in block.join(start)]
        (torch.Size([5, 8]), torch.Size([2, 8]), [torch.Size([5, 4]), torch.Size([2, 4])])
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

    def start(self, user: Tensor, item: Tensor, x_dict: Mapping[str, Tensor]) -> Sides:
        """Layer 0 side by side: users as often as there are parts ``(U, (M+1) D)``, ids and projected features."""
        projected = self.project(x_dict)
        return Sides(user.repeat(1, self.num_parts), torch.cat([item, *projected.values()], dim=1))

    def forward(self, start: Sides, graph: HeteroData, *, relation: str | None = None) -> Sides:
        """Mean of layers 0 to L of all parts, side by side; along edges of another name if ``relation`` is given."""
        relations = None if relation is None else [relation] * self.propagation.num_layers
        return self.propagation(*start, graph, relations=relations)

    def join(self, parts: Sides) -> Sides:
        """One vector of the parts for each user and item."""
        user, item = parts
        # Under autocast the product is in bf16; what is scored afterwards is not.
        return Sides(self.join_user(user).to(user.dtype), self.join_item(item).to(item.dtype))
