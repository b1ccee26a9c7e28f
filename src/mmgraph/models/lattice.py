"""LATTICE: latent structure mining (Zhang et al., MM 2021, https://arxiv.org/abs/2104.09036)."""

from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.models.latent_graph import LatentGraphRecommender
from mmgraph.nn import ModalityAttention
from mmgraph.typing import View


class LATTICE(LatentGraphRecommender):
    r"""Propagation on ids, plus items smoothed over one item graph that is mined from all features and learned.

    .. math::
        \mathbf z_i^m = \mathbf W^m \mathbf x_i^m + \mathbf b^m, \qquad
        \mathbf h = \mathbf A^n \mathbf X_I^{(0)}, \qquad
        \mathbf e_u = \bar{\mathbf x}_u, \quad \mathbf e_i = \bar{\mathbf x}_i + \frac{\mathbf h_i}{\|\mathbf h_i\|}

    A joins the initial kNN graphs of all modalities and those of :math:`\mathbf z^m`
    (:class:`mmgraph.nn.LatentGraphConv`), weighed by a trained softmax; :math:`\bar{\mathbf x}` is the mean of layers
    of a propagation. Arguments and the rest: :class:`mmgraph.models.latent_graph.LatentGraphRecommender`.
    """

    needs_modalities = True
    cost = "light"

    def make_attention(self, names: list[str], emb_dim: int) -> nn.Module:
        """One trained weight a modality."""
        return ModalityAttention(names)

    def smooth(self, item: Tensor, latent: dict[str, Tensor], graph: HeteroData) -> tuple[Tensor, dict[str, View]]:
        """Smooths over the weighted sum of all modalities' graphs."""
        return self.item_conv(item, latent, graph, self.attention()), {}
