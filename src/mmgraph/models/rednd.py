"""RedND: reducing node-neighbour discrepancy (Chen, Xu and Hu, ICASSP 2025, https://arxiv.org/abs/2412.18962)."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.data.storage import EdgeStorage

from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import (
    BipartitePropagation,
    LightGCNConv,
    ModalityAttention,
    ModalityNodes,
    edge_store,
    feature_dims,
    redraw_,
    user_shares,
    weighted_concat,
    without_column,
)
from mmgraph.transforms import modality_weights
from mmgraph.typing import Encoding, Sides, View


class RedND(Recommender):
    r"""One user-item propagation per modality; egos are drawn to the mean of their neighbours' layers by contrast.

    .. math::
        \mathbf x^{m,(0)} &= \mathrm{norm}([\mathbf P^m ; \mathrm{MLP}_m(\mathbf X^m)]) \\
        \mathbf x_u^{m,(l)} &= \sum_{i \in N_u} \frac{\mathbf x_i^{m,(l-1)}}{\sqrt{|N_u|}\sqrt{|N_i|}}
            \quad\text{(1), items alike (2)} \\
        \hat{\mathbf x}^m &= \sum_{l=0}^{L} \mathbf x^{m,(l)} \quad\text{(3)} \qquad
        S = \sum_m \alpha_m S^m \quad\text{(6)} \\
        \mathbf e_u &= [w_u^1 \hat{\mathbf x}_u^1 \| w_u^2 \hat{\mathbf x}_u^2 \| \dots], \quad
        \mathbf e_i = [\hat{\mathbf x}_i^1 \| \hat{\mathbf x}_i^2 \| \dots] \quad\text{(7)} \\
        \bar{\mathbf e}_u &= \mathbf e_u, \quad \bar{\mathbf e}_i = \mathbf e_i + (S^n \mathbf e)_i
            \quad\text{(8)} \qquad
        \mathbf n^m = \frac 1L \sum_{l=1}^{L} \mathbf x^{m,(l)} \quad\text{(9)}

    Two readings. ``official``, as the authors' code has it: :math:`\alpha_m` fixed, binary kNN edges (each of the k
    weighs 1/k), a free weight :math:`w_u^m` for each user, items unweighted. ``paper``, as the text has it:
    :math:`\alpha_m` trained, kNN edges weighed by their cosine, one attention :math:`w^m` over the modalities shared by
    users and items; both start equal.

    Args:
        graph: the message graph with ``("item", "<name>_knn", "item")`` per modality (``graph=rednd``).
        emb_dim: size D of each modality's vectors; the final ones have D for each modality.
        hidden_dim: hidden units of the feature perceptrons.
        num_layers: rounds L on the user-item graph: RedN1D, RedN2D, ...
        num_item_layers: rounds n on the item-item graph; 0: items are what Eq. 7 makes of them.
        item_graph_weights: fixed :math:`\alpha_m` by modality (official reading); equal by default;
            "published": .1 for image and .9 for text where these are the modalities.
        variant: which reading.

    Views:
        ``ego.<name>``, ``neighbors.<name>``: users and items; ``preference.<name>``: the table P (users);
        ``user_weight``: the weights w (users; empty in the paper's reading, which has none per user).

    Raises:
        ValueError: for an unknown ``variant``, no layers, or ``item_graph_weights`` that are not the items' modalities
            (in the paper's reading: that are given at all).
    """

    needs_modalities = True
    cost = "medium"

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        hidden_dim: int = 256,
        num_layers: int = 3,
        num_item_layers: int = 1,
        item_graph_weights: Mapping[str, float] | str | None = None,
        variant: str = "official",
    ) -> None:
        knn = [("item", f"{name}_knn", "item") for name in item_features(graph)]
        super().__init__(graph, reads=knn if num_item_layers else [])
        if variant not in ("official", "paper"):
            raise ValueError(f"variant must be 'official' or 'paper', got {variant!r}")
        if num_layers < 1:
            raise ValueError(f"num_layers must be at least 1 (n of RedNnD), got {num_layers}")
        if variant == "paper" and item_graph_weights is not None:
            raise ValueError("item_graph_weights are trained where variant='paper'; leave them null")
        features = item_features(graph)
        dims = feature_dims(features)
        self.nodes = ModalityNodes(dims, num_users=self.num_users, emb_dim=emb_dim, hidden_dim=hidden_dim)
        self.propagation = BipartitePropagation(num_layers)
        self.num_item_layers = num_item_layers
        self.num_hops = num_layers + num_item_layers
        self.num_graph_hops = num_item_layers
        self.variant = variant
        if variant == "paper":
            self.entangled = "its attention weighs the modalities against each other (variant=paper)"
            self.item_conv = LightGCNConv()
            self.item_graph_attention = ModalityAttention(features)
            self.attention = ModalityAttention(features)
        else:
            self.item_conv = LightGCNConv(norm="mean")
            self.item_graph_weights = list(modality_weights(list(features), item_graph_weights).values())
            self.user_weight = user_shares(self.num_users, len(features))

    def draw_parameters(self) -> None:
        """Draws the users' weights, which the official reading has."""
        if self.variant == "official":
            redraw_(self.user_weight, user_shares)

    def leave_out(self, name: str, dims: Mapping[str, int]) -> None:
        """The users' weights of this modality, and that of its item graph."""
        place = list(dims).index(name)
        self.user_weight = without_column(self.user_weight, place)
        del self.item_graph_weights[place]

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes every modality over the interactions, joins them, and smooths the items over the kNN graphs."""
        users: dict[str, Tensor] = {}
        items: dict[str, Tensor] = {}
        views: dict[str, View] = {}
        nodes, preference = self.nodes(item_features(graph), graph)
        for name, (user, item) in nodes.items():
            sum_user, sum_item = self.propagation.sum(user, item, graph)
            users[name] = user + sum_user  # Eq. 3
            items[name] = item + sum_item
            scale = 1.0 / self.propagation.num_layers
            views[f"ego.{name}"] = Sides(user, item)
            views[f"neighbors.{name}"] = Sides(sum_user * scale, sum_item * scale)  # Eq. 9
            views[f"preference.{name}"] = preference[name]
        if self.variant == "paper":
            weight = self.attention().unsqueeze(0)
            views["user_weight"] = {}
            final_user = weighted_concat(users, weight)
            joined_item = weighted_concat(items, weight)
        else:
            user_weight = self.rows(self.user_weight, graph["user"])
            views["user_weight"] = {"user": user_weight}
            final_user = weighted_concat(users, user_weight)
            joined_item = torch.cat(list(items.values()), dim=-1)
        if self.num_item_layers:
            joined_item = joined_item + self.smooth(joined_item, graph, list(items))  # Eq. 8
        return Encoding(final_user, joined_item, views)

    def smooth(self, item: Tensor, graph: HeteroData, names: list[str]) -> Tensor:
        r"""The items' vectors :math:`S^n \mathbf e` after n rounds on the summed kNN graphs (Eq. 4-6, 8)."""
        weights = self.item_graph_attention() if self.variant == "paper" else self.item_graph_weights
        for _ in range(self.num_item_layers):
            stores = (edge_store(graph, "item", f"{name}_knn", "item") for name in names)
            messages = [self._neighbors(item, store) for store in stores]
            item = sum(weight * message for weight, message in zip(weights, messages, strict=True))
        return item

    def _neighbors(self, item: Tensor, store: EdgeStorage) -> Tensor:
        # The official reading takes the mean of the neighbours, sampled or not, whatever their edges weigh.
        return self.item_conv(item, store.edge_index if self.variant == "official" else store)
