"""MICRO: latent structures with contrastive modality fusion (Zhang et al., TKDE 2022, https://arxiv.org/abs/2111.00678)."""

from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.models.latent_graph import LatentGraphRecommender
from mmgraph.nn import QueryAttention, weighted_sum
from mmgraph.typing import View


class MICRO(LatentGraphRecommender):
    r"""Propagation on ids, plus items smoothed over each modality's own learned graph and fused by attention.

    .. math::
        \mathbf z_i^m = \mathbf W^m \mathbf x_i^m + \mathbf b^m, \qquad
        \mathbf h^m = (\mathbf A^m)^n \mathbf X_I^{(0)}, \qquad
        \mathbf h_i = \sum_m \alpha_i^m \mathbf h_i^m, \qquad
        \mathbf e_u = \bar{\mathbf x}_u, \quad \mathbf e_i = \bar{\mathbf x}_i + \frac{\mathbf h_i}{\|\mathbf h_i\|}

    :math:`\mathbf A^m` joins a modality's initial kNN graph and that of :math:`\mathbf z^m`
    (:class:`mmgraph.nn.LatentGraphConv`), with the weights :math:`\alpha` of :class:`mmgraph.nn.QueryAttention`;
    :math:`\bar{\mathbf x}` is the mean of layers of a propagation. Arguments and the rest:
    :class:`mmgraph.models.latent_graph.LatentGraphRecommender`.

    Views:
        ``modal.<name>``: :math:`\mathbf h^m`; ``fused``: :math:`\mathbf h` (items both).
    """

    needs_modalities = True
    cost = "heavy"

    def make_attention(self, names: list[str], emb_dim: int) -> nn.Module:
        """One query for all modalities."""
        return QueryAttention(emb_dim)

    def smooth(self, item: Tensor, latent: dict[str, Tensor], graph: HeteroData) -> tuple[Tensor, dict[str, View]]:
        """Smooths over each modality's graph and fuses what comes out, item by item."""
        modal = {name: self.item_conv(item, {name: z}, graph) for name, z in latent.items()}
        fused = weighted_sum(modal, self.attention(modal))
        views: dict[str, View] = {f"modal.{name}": {"item": x} for name, x in modal.items()}
        return fused, views | {"fused": {"item": fused}}
