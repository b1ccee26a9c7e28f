"""LightGCN (He et al., SIGIR 2020, https://arxiv.org/abs/2002.02126)."""

from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender
from mmgraph.nn import BipartitePropagation
from mmgraph.typing import Encoding


class LightGCN(Recommender):
    r"""Free vectors smoothed over the user-item graph: the mean of layers 0 to L (Eq. 3-4).

    Args:
        graph: the message graph.
        emb_dim: size D of the vectors.
        num_layers: rounds of propagation L.

    Views:
        ``ego``: the two tables (layer 0).
    """

    cost = "medium"
    reads_edge_rows = True
    divides_by_rows = True

    def __init__(self, graph: HeteroData, *, emb_dim: int = 64, num_layers: int = 3) -> None:
        super().__init__(graph)
        self.make_tables(emb_dim)
        self.propagation = BipartitePropagation(num_layers)
        self.num_hops = num_layers

    def forward(self, graph: HeteroData) -> Encoding:
        """Propagates the tables over the interactions in ``graph``."""
        ego = self.ego(graph)
        user, item = self.propagation(*ego, graph)
        return Encoding(user, item, {"ego": ego})
