"""LayerGCN: layer-refined graph convolution (Zhou et al., ICDE 2023, https://arxiv.org/abs/2207.11088)."""

from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender
from mmgraph.nn import BipartitePropagation, scale_by_cosine
from mmgraph.transforms import degree_sensitive_drop, drop_edges
from mmgraph.typing import Encoding, Sides

PRUNINGS = ("mixed", "degree", "random")


class LayerGCN(Recommender):
    r"""Each layer is scaled by how much of a node's own vector is left in it, and the layers above the ego are summed.

    .. math:: \mathbf x_v^{(l+1)} = \cos(\hat{\mathbf x}_v, \mathbf x_v^{(0)})\, \hat{\mathbf x}_v, \qquad
              \hat{\mathbf x} = \hat{\mathbf A}\, \mathbf x^{(l)}, \qquad
              \mathbf e_v = \sum_{l=1}^{L} \mathbf x_v^{(l)}

    Training travels along a part of the interactions, drawn anew each epoch; ranking along all of them.

    Args:
        graph: the message graph.
        emb_dim: size D of the vectors.
        num_layers: rounds of propagation L, at least 1.
        dropout: share of interactions left out each epoch, in [0, 1).
        pruning: which ones: "degree" (popular nodes lose more), "random" (each with the same chance), or "mixed" (the
            two in turn, epoch by epoch).

    Views:
        ``ego``: the two tables (layer 0).

    Raises:
        ValueError: if there is no layer or ``pruning`` is not known.
    """

    cost = "medium"
    divides_by_rows = True

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        num_layers: int = 4,
        dropout: float = 0.1,
        pruning: str = "mixed",
    ) -> None:
        super().__init__(graph)
        if num_layers < 1:
            raise ValueError(f"num_layers={num_layers} must be at least 1: the ego layer is not part of the sum")
        if pruning not in PRUNINGS:
            raise ValueError(f"pruning={pruning!r} is not known; choose one of {', '.join(PRUNINGS)}")
        self.make_tables(emb_dim)
        self.propagation = BipartitePropagation(num_layers)
        self.num_hops = num_layers
        self.dropout = dropout
        self.pruning = pruning

    def training_graph(self, graph: HeteroData, epoch: int) -> HeteroData:
        """Draws the interactions that this epoch's messages travel along."""
        if not self.dropout:
            return graph
        by_degree = self.pruning == "degree" or (self.pruning == "mixed" and epoch % 2 == 0)
        return (degree_sensitive_drop if by_degree else drop_edges)(graph, self.dropout)

    def forward(self, graph: HeteroData) -> Encoding:
        """Propagates the tables, refining every layer by the ego vectors before it goes on."""
        ego = self.ego(graph)

        def refine(layer: Sides) -> Sides:
            return Sides(scale_by_cosine(layer.user, ego.user), scale_by_cosine(layer.item, ego.item))

        return Encoding(*self.propagation.sum(*ego, graph, refine=refine), {"ego": ego})
