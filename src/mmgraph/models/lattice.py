"""LATTICE: latent structure mining (Zhang et al., MM 2021, https://arxiv.org/abs/2104.09036)."""

import torch
import torch.nn.functional as F
from torch import nn
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import BipartitePropagation, LatentGraphConv, ModalityAttention, ModalityProjection, feature_dims
from mmgraph.transforms import add_learned_knn
from mmgraph.typing import Encoding


class LATTICE(Recommender):
    r"""Propagation on ids, plus items smoothed over an item graph that is mined from the features and learned.

    .. math::
        \mathbf z_i^m = \mathbf W^m \mathbf x_i^m + \mathbf b^m, \qquad
        \mathbf h = \mathbf A^n \mathbf X_I^{(0)}, \qquad
        \mathbf e_u = \bar{\mathbf x}_u, \quad \mathbf e_i = \bar{\mathbf x}_i + \frac{\mathbf h_i}{\|\mathbf h_i\|}

    A joins the initial kNN graphs of all modalities and those of :math:`\mathbf z^m`
    (:class:`mmgraph.nn.LatentGraphConv`), weighed by a trained softmax. Who the neighbours by :math:`\mathbf z^m` are
    is found once an epoch, and for ranking; how much they weigh is learned at every step. :math:`\bar{\mathbf x}` is
    the mean of layers of a propagation in which every node also hears itself.

    Args:
        graph: the message graph with ``("item", "<name>_knn", "item")`` per modality (``graph=lattice``).
        emb_dim: size D of the vectors.
        num_layers: rounds on the user-item graph.
        num_item_layers: rounds n on the item graph, at least 1.
        knn_k: learned neighbours of each item, itself among them.
        initial_share: lambda, what the initial graphs count beside the learned ones; in [0, 1].
        trainable_features: whether the features are trained too, from their given values, as the official code does.

    Views:
        ``ego``: the two tables.

    Raises:
        ValueError: if items have no modality or a number is out of range.
    """

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        num_layers: int = 2,
        num_item_layers: int = 1,
        knn_k: int = 10,
        initial_share: float | int = 0.9,
        trainable_features: bool = True,
    ) -> None:
        super().__init__(graph)
        features = item_features(graph)
        self.user_table = nn.Parameter(nn.init.xavier_uniform_(torch.empty(self.num_users, emb_dim)))
        self.item_table = nn.Parameter(nn.init.xavier_uniform_(torch.empty(self.num_items, emb_dim)))
        self.features = nn.ParameterDict({name: x.clone() for name, x in features.items() if trainable_features})
        self.project = ModalityProjection(feature_dims(features), emb_dim=emb_dim)
        self.attention, self.knn_k = ModalityAttention(features), knn_k
        self.propagation = BipartitePropagation(num_layers, norm="mean", self_loops=True)
        self.item_conv = LatentGraphConv(num_item_layers, initial_share=initial_share)
        # A neighbour's weight depends on the sum over its own neighbours, one hop further.
        self.num_graph_hops = num_item_layers + 1
        self.num_hops = max(num_layers, self.num_graph_hops)

    def training_graph(self, graph: HeteroData, epoch: int) -> HeteroData:
        """Finds each item's neighbours by the vectors learned so far."""
        return self.inference_graph(graph)

    def inference_graph(self, graph: HeteroData) -> HeteroData:
        """Finds each item's neighbours by the vectors that the weights give."""
        return add_learned_knn(graph, self.project(item_features(graph, self.features)), self.knn_k)

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes ids over the interactions, and items over the learned graph (mined now if the graph lacks it)."""
        user, item = self.rows(self.user_table, graph["user"]), self.rows(self.item_table, graph["item"])
        latent = self.project(item_features(graph, self.features))
        if not all(("item", f"{name}_learned", "item") in graph.edge_types for name in latent):
            graph = add_learned_knn(graph, latent, self.knn_k)
        smoothed = self.item_conv(item, latent, graph, self.attention())
        final_user, final_item = self.propagation(user, item, graph)
        views = {"ego": {"user": user, "item": item}}
        return Encoding(final_user, final_item + F.normalize(smoothed, dim=-1), views)
