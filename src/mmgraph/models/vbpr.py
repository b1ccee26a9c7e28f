"""VBPR (He and McAuley, AAAI 2016, https://arxiv.org/abs/1510.01784), for any modalities."""

from collections.abc import Mapping

import torch
from torch import nn
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import feature_linear, redraw_, xavier_uniform
from mmgraph.typing import Encoding, Sides


class VBPR(Recommender):
    r"""Matrix factorisation whose items have a free part and a part projected from their features.

    .. math:: \hat y_{ui} = \mathbf e_u^\top \mathbf e_i + \mathbf p_u^\top (\mathbf W [\mathbf x_i^1 \| \mathbf x_i^2
              \| \dots] + \mathbf b)

    The modalities are concatenated before one linear map, as the multimodal papers run it; the global visual bias of
    the original, which they leave out, is left out here too.

    Args:
        graph: the message graph; items need at least one modality.
        emb_dim: size D of each of the two parts.

    Views:
        ``ego``: the user vectors and the composed item vectors (2 D).
    """

    needs_modalities = True
    projects_features = True
    cost = "light"
    divides_by_rows = True
    encodes_new_nodes = True
    num_hops = 0

    def __init__(self, graph: HeteroData, *, emb_dim: int = 64) -> None:
        super().__init__(graph)
        feat_dim = sum(x.size(1) for x in item_features(graph).values())
        if not feat_dim:
            raise ValueError("VBPR needs items with at least one modality (x_<name>); this graph has none")
        self.user_table = xavier_uniform(self.num_users, 2 * emb_dim)
        self.item_table = xavier_uniform(self.num_items, emb_dim)
        self.project = nn.Linear(feat_dim, emb_dim)
        self.draw_parameters()

    def draw_tables(self) -> None:
        """Draws both tables anew."""
        redraw_(self.user_table, xavier_uniform)
        redraw_(self.item_table, xavier_uniform)

    def draw_parameters(self) -> None:
        """Draws the projection by Xavier's normal rule, without biases."""
        nn.init.xavier_normal_(self.project.weight)
        nn.init.zeros_(self.project.bias)

    def leave_out(self, name: str, dims: Mapping[str, int]) -> None:
        """The columns of the map that read these features."""
        parts = dict(zip(dims, self.project.weight.split(list(dims.values()), dim=1), strict=True))
        kept = torch.cat([part for other, part in parts.items() if other != name], dim=1)
        self.project.weight = nn.Parameter(kept.detach().clone())

    def forward(self, graph: HeteroData) -> Encoding:
        """Joins free and projected item vectors; the edges play no part."""
        user, free = self.ego(graph)
        features = list(item_features(graph).values())
        # One map of all modalities side by side, without putting them there: that would copy every feature. Weights
        # that are not contiguous would have their gradient computed as x^T z, which takes 1.6 times as long as z^T x.
        weights = [w.contiguous() for w in self.project.weight.split([x.size(1) for x in features], dim=1)]
        projected = sum(map(feature_linear, features, weights)) + self.project.bias
        item = torch.cat([free, projected], dim=-1)
        return Encoding(user, item, {"ego": Sides(user, item)})
