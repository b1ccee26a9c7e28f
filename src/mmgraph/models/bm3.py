"""BM3: bootstrapped latent representations (Zhou et al., WWW 2023, https://arxiv.org/abs/2207.05969)."""

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import BipartitePropagation, FeatureTables, ModalityProjection, feature_dims
from mmgraph.typing import Encoding, RowwiseView, Sides, View


class BM3(Recommender):
    r"""LightGCN on ids and a predictor on top, learnt without negatives: each vector predicts blurred ones of others.

    .. math::
        \mathbf h_u = \bar{\mathbf x}_u, \quad \mathbf h_i = \bar{\mathbf x}_i + \mathbf x_i^{(0)}, \quad
        \mathbf h_i^m = \mathbf W^m \mathbf x_i^m + \mathbf b^m, \qquad
        \tilde{\mathbf h} = \mathbf W_p \mathbf h + \mathbf b_p, \quad \dot{\mathbf h} = \mathrm{dropout}(\mathbf h)

    with :math:`\bar{\mathbf x}` the mean of LightGCN's layers and one predictor for all. The online vectors
    :math:`\tilde{\mathbf h}_u, \tilde{\mathbf h}_i` rank; the targets :math:`\dot{\mathbf h}` get no gradient.

    Args:
        graph: the message graph; items need at least one modality.
        emb_dim: size D of the vectors.
        num_layers: rounds of propagation.
        dropout: share of each target's numbers set to zero, in [0, 1).
        trainable_features: whether the features are trained too, from their given values, as the official code does.

    Views:
        ``graph``: :math:`\mathbf h` of users and items; while training, also ``target``: their
        :math:`\dot{\mathbf h}`, and of the items' modalities ``online.<name>`` and ``target.<name>``; these and
        ``final`` are made for the nodes of the batch alone.

    Raises:
        ValueError: if items have no modality or ``dropout`` is out of range.
    """

    needs_modalities = True
    cost = "light"

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        num_layers: int = 1,
        dropout: float = 0.5,
        trainable_features: bool = True,
    ) -> None:
        super().__init__(graph)
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout={dropout} must be in [0, 1)")
        self.make_tables(emb_dim)
        features = item_features(graph)
        self.features = FeatureTables(features, trainable=trainable_features)
        self.project = ModalityProjection(feature_dims(features), emb_dim=emb_dim)
        self.predictor = nn.Linear(emb_dim, emb_dim)
        self.propagation = BipartitePropagation(num_layers)
        self.num_hops = num_layers
        self.dropout = dropout
        self.draw_parameters()

    def draw_parameters(self) -> None:
        """Draws the matrices of the projections and of the predictor by Xavier's normal rule."""
        for parameter in (*self.project.parameters(), *self.predictor.parameters()):
            if parameter.dim() == 2:
                nn.init.xavier_normal_(parameter)

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes the ids; while training, also what they and the modalities are to predict."""
        ego = self.ego(graph)
        user, mean_item = self.propagation(*ego, graph)
        item = mean_item + ego.item
        views: dict[str, View] = {"graph": Sides(user, item)}
        if self.training:
            ids = {"user": user, "item": item}
            views["final"] = RowwiseView(self._predict, ids)
            views["target"] = RowwiseView(self._blur, ids, {side: self._kept(x) for side, x in ids.items()})
            for name, projected in self.project.views(item_features(graph, self.features)).items():
                views[f"online.{name}"] = RowwiseView(self._predict, projected)
                views[f"target.{name}"] = RowwiseView(self._blur, projected, {"item": self._kept(item)})
        return Encoding(self._predict(user), self._predict(item), views)

    def _predict(self, x: Tensor) -> Tensor:
        return self.predictor(x).to(x.dtype)  # bf16 under autocast

    def _kept(self, x: Tensor) -> Tensor:
        """Which numbers dropout leaves: drawn for all nodes, so that several processes with their batches agree."""
        return torch.rand_like(x) >= self.dropout

    def _blur(self, x: Tensor, kept: Tensor) -> Tensor:
        return x.detach() * kept / (1 - self.dropout)
