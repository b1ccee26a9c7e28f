"""What LATTICE and MICRO share: item graphs that are learned."""

from abc import abstractmethod

import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import BipartitePropagation, FeatureTables, LatentGraphConv, ModalityProjection, feature_dims
from mmgraph.transforms import add_learned_knn
from mmgraph.typing import Encoding, View


class LatentGraphRecommender(Recommender):
    """Item graphs mined anew from projected features, beside a propagation of ids.

    Who the neighbours by the projected features are is found once an epoch, and for ranking from the weights being
    ranked with; how much they weigh is learned at every step. In the propagation every node has a self-loop.

    Args:
        graph: the message graph with ``("item", "<name>_knn", "item")`` per modality.
        emb_dim: size D of the vectors.
        num_layers: rounds on the user-item graph.
        num_item_layers: rounds on the item graphs, at least 1.
        knn_k: learned neighbours of each item, itself among them.
        initial_share: lambda, what the initial graphs count beside the learned ones; in [0, 1].
        trainable_features: whether the features are trained too, from their given values, as the official codes do.

    Raises:
        ValueError: if items have no modality or a number is out of range.
    """

    entangled = "its attention weighs the modalities against each other: without one, the others count otherwise"

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        num_layers: int = 2,
        num_item_layers: int = 1,
        knn_k: int = 10,
        initial_share: float = 0.9,
        trainable_features: bool = True,
    ) -> None:
        super().__init__(graph, reads=[("item", f"{name}_knn", "item") for name in item_features(graph)])
        features = item_features(graph)
        self.make_tables(emb_dim)
        self.features = FeatureTables(features, trainable=trainable_features)
        self.project = ModalityProjection(feature_dims(features), emb_dim=emb_dim)
        self.knn_k = knn_k
        self.attention = self.make_attention(list(features), emb_dim)
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

    @abstractmethod
    def make_attention(self, names: list[str], emb_dim: int) -> nn.Module:
        """What weighs the modalities."""

    @abstractmethod
    def smooth(self, item: Tensor, latent: dict[str, Tensor], graph: HeteroData) -> tuple[Tensor, dict[str, View]]:
        """Items after the item graphs, weighed by the projected features ``latent``, and views for the losses."""

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes ids over the interactions and the item graphs (mined now if the graph lacks them)."""
        ego = self.ego(graph)
        latent = self.project(item_features(graph, self.features))
        if not all(("item", f"{name}_learned", "item") in graph.edge_types for name in latent):
            graph = add_learned_knn(graph, latent, self.knn_k)
        smoothed, views = self.smooth(ego.item, latent, graph)
        user, item = self.propagation(*ego, graph)
        return Encoding(user, item + F.normalize(smoothed, dim=-1), views)
