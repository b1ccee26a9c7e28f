"""MICRO: latent structures with contrastive modality fusion (Zhang et al., TKDE 2022, https://arxiv.org/abs/2111.00678)."""

import torch
import torch.nn.functional as F
from torch import nn
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import (
    BipartitePropagation,
    LatentGraphConv,
    ModalityProjection,
    QueryAttention,
    feature_dims,
    weighted_sum,
)
from mmgraph.transforms import add_learned_knn
from mmgraph.typing import Encoding, View


class MICRO(Recommender):
    r"""Propagation on ids, plus items smoothed over each modality's own learned graph and fused by attention.

    .. math::
        \mathbf z_i^m = \mathbf W^m \mathbf x_i^m + \mathbf b^m, \qquad
        \mathbf h^m = (\mathbf A^m)^n \mathbf X_I^{(0)}, \qquad
        \mathbf h_i = \sum_m \alpha_i^m \mathbf h_i^m, \qquad
        \mathbf e_u = \bar{\mathbf x}_u, \quad \mathbf e_i = \bar{\mathbf x}_i + \frac{\mathbf h_i}{\|\mathbf h_i\|}

    :math:`\mathbf A^m` joins a modality's initial kNN graph and that of :math:`\mathbf z^m`
    (:class:`mmgraph.nn.LatentGraphConv`), with the weights :math:`\alpha` of :class:`mmgraph.nn.QueryAttention`. Who
    the neighbours by :math:`\mathbf z^m` are is found once an epoch, and for ranking; how much they weigh is learned at
    every step. :math:`\bar{\mathbf x}` is the mean of layers of a propagation in which every node also hears itself.

    Args:
        graph: the message graph with ``("item", "<name>_knn", "item")`` per modality (``graph=micro``).
        emb_dim: size D of the vectors.
        num_layers: rounds on the user-item graph.
        num_item_layers: rounds n on the item graphs, at least 1.
        knn_k: learned neighbours of each item, itself among them.
        initial_share: lambda, what the initial graphs count beside the learned ones; in [0, 1].
        trainable_features: whether the features are trained too, from their given values, as the official code does.

    Views:
        ``modal.<name>``: :math:`\mathbf h^m`; ``fused``: :math:`\mathbf h` (items both).

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
        self.attention, self.knn_k = QueryAttention(emb_dim), knn_k
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
        """Encodes ids over the interactions, and items over each learned graph (mined now if the graph lacks one)."""
        user, item = self.rows(self.user_table, graph["user"]), self.rows(self.item_table, graph["item"])
        latent = self.project(item_features(graph, self.features))
        if not all(("item", f"{name}_learned", "item") in graph.edge_types for name in latent):
            graph = add_learned_knn(graph, latent, self.knn_k)
        modal = {name: self.item_conv(item, {name: z}, graph) for name, z in latent.items()}
        fused = weighted_sum(modal, self.attention(modal))
        final_user, final_item = self.propagation(user, item, graph)
        views: dict[str, View] = {f"modal.{name}": {"item": x} for name, x in modal.items()}
        views["fused"] = {"item": fused}
        return Encoding(final_user, final_item + F.normalize(fused, dim=-1), views)
