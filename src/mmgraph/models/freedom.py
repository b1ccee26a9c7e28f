"""FREEDOM: frozen item graph, denoised user-item graph (Zhou and Shen, MM 2023, https://arxiv.org/abs/2211.06924)."""

from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import (
    BipartitePropagation,
    FeatureTables,
    GraphSmoothing,
    ModalityProjection,
    feature_dims,
)
from mmgraph.transforms import degree_sensitive_drop
from mmgraph.typing import Encoding, View


class FREEDOM(Recommender):
    r"""LightGCN on a sparser graph each epoch, plus items smoothed over the frozen item-item graph S.

    .. math:: \mathbf e_u = \bar{\mathbf x}_u, \qquad
              \mathbf e_i = \bar{\mathbf x}_i + (S^{n}\, \mathbf X_I^{(0)})_i \qquad\text{(Eq. 7-9)}

    with :math:`\bar{\mathbf x}` the mean of LightGCN's layers on the pruned graph (training) or all of it (ranking).

    Args:
        graph: the message graph with ``("item", "similar", "item")`` (``graph=freedom``).
        emb_dim: size D of the vectors.
        num_layers: rounds on the user-item graph.
        num_item_layers: rounds n on the item-item graph; 0: without it.
        dropout: share of interactions left out each epoch, popular ones rather; in [0, 1).
        trainable_features: whether the features that the modality loss projects are trained too, from their given
            values, as the official code does.

    Views:
        ``ego``: the two tables; ``modal.<name>``: projected features of the items.
    """

    needs_modalities = True
    cost = "light"
    divides_by_rows = True

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        num_layers: int = 2,
        num_item_layers: int = 1,
        dropout: float = 0.8,
        trainable_features: bool = True,
    ) -> None:
        super().__init__(graph, reads=[("item", "similar", "item")] if num_item_layers else [])
        self.make_tables(emb_dim)
        features = item_features(graph)
        # The official maps have a bias, which cancels in the difference of a positive and a negative.
        self.project = ModalityProjection(feature_dims(features), emb_dim=emb_dim, bias=False)
        self.features = FeatureTables(features, trainable=trainable_features)
        self.propagation = BipartitePropagation(num_layers)
        self.smooth = GraphSmoothing(num_item_layers)
        self.dropout = dropout
        self.num_hops = max(num_layers, num_item_layers)
        self.num_graph_hops = num_item_layers

    def training_graph(self, graph: HeteroData, epoch: int) -> HeteroData:
        """Draws the interactions that this epoch's messages travel along (Eq. 5-6)."""
        return degree_sensitive_drop(graph, self.dropout) if self.dropout else graph

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes ids over both graphs, and projects the features for the modality loss."""
        ego = self.ego(graph)
        smoothed = self.smooth(ego.item, graph, "item", "similar")
        user, item = self.propagation(*ego, graph)
        modal = self.project.views(item_features(graph, self.features))
        views: dict[str, View] = {"ego": ego, **{f"modal.{name}": view for name, view in modal.items()}}
        return Encoding(user, item + smoothed, views)
