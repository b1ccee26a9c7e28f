"""NCL: contrast with structural and semantic neighbours (Lin et al., WWW 2022, https://arxiv.org/abs/2202.06200)."""

import copy

from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender
from mmgraph.nn import BipartitePropagation, add_sides, kmeans, scale_sides
from mmgraph.typing import Encoding, Sides, View


class NCL(Recommender):
    r"""LightGCN whose free vectors should agree with the aggregates of neighbours of the same kind.

    A node's structural neighbours are those of its own kind an even number of steps away, which layer 2h sums up; its
    semantic neighbours share its cluster, whose centroid is a constant that k-means finds before each epoch (E-step):

    .. math:: \mathbf e_v = \frac{1}{L+1} \sum_{l=0}^{L} \mathbf x_v^{(l)}, \qquad
              \mathbf x_v^{(2h)} \leftrightarrow \mathbf x_v^{(0)}, \qquad
              \mathbf x_v^{(0)} \leftrightarrow \mathbf c_{a(v)}

    Args:
        graph: the message graph.
        emb_dim: size D of the vectors.
        num_layers: rounds of propagation L that the final vectors average.
        structure_layer: the layer 2h that sums up the structural neighbours; even, at least 2.
        num_clusters: number of clusters K of the users, and of the items; of fewer nodes each is a cluster of its own.
        num_iterations: iterations of k-means.
        warm_up: number of epochs before there are clusters.

    Views:
        ``ego``: the two tables; ``structure``: layer 2h; ``cluster`` and ``centroid``: the cluster of each node and the
        centroids, ``{}`` on a graph without clusters.

    Raises:
        ValueError: if ``structure_layer`` is not even or below 2.
    """

    cost = "heavy"

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        num_layers: int = 3,
        structure_layer: int = 2,
        num_clusters: int = 1000,
        num_iterations: int = 25,
        warm_up: int = 20,
    ) -> None:
        super().__init__(graph)
        if structure_layer < 2 or structure_layer % 2:
            raise ValueError(
                f"structure_layer={structure_layer} must be 2, 4, ...: odd layers hold the other kind of node"
            )
        self.make_tables(emb_dim)
        self.num_layers = num_layers
        self.structure_layer = structure_layer
        self.num_hops = max(num_layers, structure_layer)
        self.propagation = BipartitePropagation(self.num_hops)
        self.num_clusters = num_clusters
        self.num_iterations = num_iterations
        self.warm_up = warm_up

    def training_graph(self, graph: HeteroData, epoch: int) -> HeteroData:
        """Finds the clusters of the tables as they are and notes them in the graph (E-step)."""
        if epoch < self.warm_up:
            return graph
        clustered = copy.copy(graph)
        for side, table in (("user", self.user_table), ("item", self.item_table)):
            num_clusters = min(self.num_clusters, table.size(0))
            centroid, cluster = kmeans(table, num_clusters, num_iterations=self.num_iterations)
            clustered[side].cluster = cluster
            setattr(clustered, f"{side}_centroid", centroid)
        return clustered

    def forward(self, graph: HeteroData) -> Encoding:
        """Propagates the tables and reads the clusters, where the graph has them."""
        ego = self.ego(graph)
        layers = [ego, *self.propagation.layers(*ego, graph)]
        user, item = scale_sides(add_sides(layers[: self.num_layers + 1]), 1.0 / (self.num_layers + 1))
        structure = layers[self.structure_layer]
        views: dict[str, View] = {"ego": ego, "structure": structure}
        if "cluster" in graph["user"]:
            views["cluster"] = Sides(graph["user"].cluster, graph["item"].cluster)
            views["centroid"] = Sides(graph.user_centroid, graph.item_centroid)
        return Encoding(user, item, {"cluster": {}, "centroid": {}, **views})
