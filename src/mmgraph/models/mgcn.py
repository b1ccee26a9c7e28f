"""MGCN: multi-view graph convolution (Yu et al., MM 2023, https://arxiv.org/abs/2308.03588)."""

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import (
    BehaviorGate,
    BipartitePropagation,
    FeatureTables,
    GraphSmoothing,
    LightGCNConv,
    QueryAttention,
    add_sides,
    feature_dims,
    weighted_sum,
)
from mmgraph.typing import REV_INTERACTS, Encoding, Sides


class MGCN(Recommender):
    r"""Behaviour over the interactions; what it lets through of each modality over that modality's item graph; a fuser.

    With :math:`\bar{\mathbf x}` LightGCN's mean of layers on ids and S^m the kNN graph of a modality:

    .. math::
        \ddot{\mathbf x}_i^m &= \mathbf x_i^{(0)} \odot \sigma(\mathbf W_2^m (\mathbf W_1^m \mathbf x_i^m +
            \mathbf b_1^m) + \mathbf b_2^m), \qquad
        \mathbf x_i^m = ((S^m)^n \ddot{\mathbf x}^m)_i, \qquad
        \mathbf x_u^m = \sum_{i \in N_u} \frac{\mathbf x_i^m}{\sqrt{|N_u|}\sqrt{|N_i|}} \\
        \mathbf c &= \sum_m \alpha^m \mathbf x^m, \qquad
        \mathbf s = \frac{1}{M + 1} \Big(\mathbf c + \sum_m \sigma(\mathbf W_3^m \bar{\mathbf x} + \mathbf b_3^m) \odot
            (\mathbf x^m - \mathbf c)\Big), \qquad
        \mathbf e = \bar{\mathbf x} + \mathbf s

    for users and items alike, with the weights :math:`\alpha` of :class:`mmgraph.nn.QueryAttention` and M modalities.

    Args:
        graph: the message graph with ``("item", "<name>_knn", "item")`` per modality (``graph=mgcn``).
        emb_dim: size D of the vectors.
        num_layers: rounds on the user-item graph.
        num_item_layers: rounds n on the item-item graphs.
        trainable_features: whether the features are trained too, from their given values, as the official code does.

    Views:
        ``content``: :math:`\bar{\mathbf x}`; ``side``: :math:`\mathbf s`.

    Raises:
        ValueError: if items have no modality.
    """

    needs_modalities = True
    entangled = "its attention weighs the modalities against each other: without one, the others count otherwise"
    cost = "medium"

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        num_layers: int = 2,
        num_item_layers: int = 1,
        trainable_features: bool = True,
    ) -> None:
        knn = [("item", f"{name}_knn", "item") for name in item_features(graph)]
        super().__init__(graph, reads=knn if num_item_layers else [])
        features = item_features(graph)
        if not features:
            raise ValueError("MGCN needs items with at least one modality (x_<name>); this graph has none")
        self.make_tables(emb_dim)
        self.features = FeatureTables(features, trainable=trainable_features)
        gates = {name: BehaviorGate(dim, emb_dim, expansion=1) for name, dim in feature_dims(features).items()}
        self.purifier = nn.ModuleDict(gates)
        self.propagation = BipartitePropagation(num_layers)
        self.smooth = GraphSmoothing(num_item_layers)
        self.conv = LightGCNConv()
        self.attention = QueryAttention(emb_dim)
        self.preference = nn.ModuleDict({name: nn.Linear(emb_dim, emb_dim) for name in features})
        self.num_hops = max(num_layers, num_item_layers + 1)
        self.num_graph_hops = num_item_layers + 1

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes ids, each modality apart, and adds what the modalities share and what each has of its own."""
        ego = self.ego(graph)
        content = self.propagation(*ego, graph)
        of_user: dict[str, Tensor] = {}
        of_item: dict[str, Tensor] = {}
        for name, x in item_features(graph, self.features).items():
            of_item[name] = self.smooth(self.purifier[name](ego.item, x), graph, "item", f"{name}_knn")
            of_user[name] = self._gather(of_item[name], graph)
        side = Sides(self.fuse(of_user, content.user), self.fuse(of_item, content.item))
        return Encoding(*add_sides([content, side]), {"content": content, "side": side})

    def fuse(self, x_dict: dict[str, Tensor], content: Tensor) -> Tensor:
        """What the modalities share, and of what each has beyond that, as much as behaviour asks for."""
        common = weighted_sum(x_dict, self.attention(x_dict))
        total = common
        for name, x in x_dict.items():
            total = total + torch.sigmoid(self.preference[name](content)) * (x - common)
        return total / (len(x_dict) + 1)

    def _gather(self, item: Tensor, graph: HeteroData) -> Tensor:
        degree = graph["item"].degree, graph["user"].degree
        return self.conv((item, None), graph[REV_INTERACTS], degree=degree)
