"""DRAGON: dyadic relations and homogeneous graphs (Zhou et al., ECAI 2023, https://arxiv.org/abs/2301.12097)."""

from collections.abc import Mapping

import torch
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import (
    GraphSmoothing,
    PreferencePropagation,
    SoftmaxGraphConv,
    edge_store,
    feature_dims,
    redraw_,
    user_shares,
    weighted_concat,
    without_column,
)
from mmgraph.typing import Encoding, View


class DRAGON(Recommender):
    r"""User-item propagation per modality, joined side by side; users and items are then smoothed among themselves.

    With :math:`\hat{\mathbf x}^m` the sum of modality m's layers (:class:`mmgraph.nn.PreferencePropagation`), S the
    frozen item-item graph (binary kNN per modality, weighted sum) and C the row-wise softmax of the numbers of items
    that two users share, for the k users that share most:

    .. math::
        \mathbf h_u = [w_u^1 \hat{\mathbf x}_u^1 \| w_u^2 \hat{\mathbf x}_u^2 \| \dots], \qquad
        \mathbf h_i = [\hat{\mathbf x}_i^1 \| \hat{\mathbf x}_i^2 \| \dots], \qquad
        \mathbf e_u = \mathbf h_u + (C \mathbf h)_u, \qquad
        \mathbf e_i = \mathbf h_i + (S^n \mathbf h)_i

    Args:
        graph: the message graph with ``("item", "similar", "item")`` and ``("user", "co_interacts", "user")``
            (``graph=dragon``).
        emb_dim: size D of each modality's vectors; the final ones have D for each modality.
        hidden_dim: hidden units of the feature perceptrons.
        num_layers: rounds L on the user-item graph, at least 1.
        num_item_layers: rounds n on the item-item graph; 0: without it.

    Views:
        ``preference.<name>``: the free users of each modality; ``user_weight``: the weights w (users).

    Raises:
        ValueError: if items have no modality or there is no layer.
    """

    needs_modalities = True
    cost = "medium"

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        hidden_dim: int = 256,
        num_layers: int = 2,
        num_item_layers: int = 1,
    ) -> None:
        similar = [("item", "similar", "item")] if num_item_layers else []
        super().__init__(graph, reads=[("user", "co_interacts", "user"), *similar])
        dims = feature_dims(item_features(graph))
        self.modal = PreferencePropagation(
            dims, num_users=self.num_users, emb_dim=emb_dim, hidden_dim=hidden_dim, num_layers=num_layers
        )
        self.user_weight = user_shares(self.num_users, len(dims))
        self.user_conv = SoftmaxGraphConv()
        self.smooth = GraphSmoothing(num_item_layers)
        self.num_graph_hops = max(1, num_item_layers)
        self.num_hops = num_layers + self.num_graph_hops

    def draw_parameters(self) -> None:
        """Draws the users' weights."""
        redraw_(self.user_weight, user_shares)

    def leave_out(self, name: str, dims: Mapping[str, int]) -> None:
        """The users' weights of this modality."""
        self.user_weight = without_column(self.user_weight, list(dims).index(name))

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes every modality over the interactions, joins them, and smooths users and items."""
        user_weight = self.rows(self.user_weight, graph["user"])
        modal, preference = self.modal(item_features(graph), graph)
        user = weighted_concat({name: of_user for name, (of_user, _) in modal.items()}, user_weight)
        item = torch.cat([of_item for _, of_item in modal.values()], dim=-1)
        views: dict[str, View] = {f"preference.{name}": view for name, view in preference.items()}
        views["user_weight"] = {"user": user_weight}
        user = user + self.user_conv(user, edge_store(graph, "user", "co_interacts", "user"))
        if self.smooth.num_layers:
            item = item + self.smooth(item, graph, "item", "similar")
        return Encoding(user, item, views)
