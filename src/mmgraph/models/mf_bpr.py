"""MF-BPR: matrix factorisation trained on pairs (Rendle et al., UAI 2009, https://arxiv.org/abs/1205.2618)."""

from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender
from mmgraph.nn import xavier_normal
from mmgraph.typing import Encoding


class MFBPR(Recommender):
    r"""Matrix factorisation: one free vector for each user and item; their inner product is the score.

    .. math:: \hat y_{ui} = \mathbf e_u^\top \mathbf e_i

    Args:
        graph: the message graph.
        emb_dim: size D of the vectors.

    Views:
        ``ego``: the two tables.
    """

    cost = "light"
    num_hops = 0
    divides_by_rows = True

    def __init__(self, graph: HeteroData, *, emb_dim: int = 64) -> None:
        super().__init__(graph)
        self.make_tables(emb_dim, draw=xavier_normal)

    def forward(self, graph: HeteroData) -> Encoding:
        """Reads the tables; the edges play no part."""
        ego = self.ego(graph)
        return Encoding(*ego, {"ego": ego})
