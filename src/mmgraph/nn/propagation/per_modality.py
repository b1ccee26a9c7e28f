"""Projected features smoothed over the interactions, modality by modality."""

from collections.abc import Mapping

from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.nn.common.initialization import xavier_matrices_
from mmgraph.nn.common.reset import Resettable
from mmgraph.nn.conv.light_gcn import LightGCNConv
from mmgraph.nn.modality.projection import ModalityProjection
from mmgraph.nn.propagation.bipartite import BipartitePropagation
from mmgraph.typing import REV_INTERACTS, Sides


class ModalityPropagation(Resettable):
    r"""Each modality's layers 0 to K; users start as the mean of their items, without a table of their own.

    Guo et al., "LGMRec", AAAI 2024, https://arxiv.org/abs/2312.16400, Eq. 4-6.

    .. math::
        \mathbf Z_i^m = \mathbf X^m \mathbf W^m, \qquad
        \mathbf Z_u^m = \frac{1}{|N_u|} \sum_{i \in N_u} \mathbf Z_i^m, \qquad
        \mathbf E^{m,(0)} = [\mathbf Z_u^m ; \mathbf Z_i^m], \quad
        \mathbf E^{m,(k+1)} = \hat{\mathbf A} \mathbf E^{m,(k)}

    Args:
        feat_dims: size d_m of each modality's features, by name.
        emb_dim: size D of the vectors.
        num_layers: rounds K.

    Shapes:
        ``{name: (I, d_name)}`` -> ``{name: [(U, D), (I, D)] of layers 0 to K}``

    Example:
        >>> import torch
        >>> graph = HeteroData(user={"degree": torch.tensor([1.0, 2.0])}, item={"degree": torch.tensor([2.0, 1.0])})
        >>> graph["user", "interacts", "item"].edge_index = torch.tensor([[0, 1, 1], [0, 0, 1]])
        >>> graph["item", "rev_interacts", "user"].edge_index = torch.tensor([[0, 0, 1], [0, 1, 1]])
        >>> layers = ModalityPropagation({"text": 3}, emb_dim=4, num_layers=2)({"text": torch.ones(2, 3)}, graph)
        >>> len(layers["text"]), [tuple(side.shape) for side in layers["text"][-1]]
        (3, [(2, 4), (2, 4)])
    """

    def __init__(self, feat_dims: Mapping[str, int], *, emb_dim: int, num_layers: int) -> None:
        super().__init__()
        self.project = ModalityProjection(feat_dims, emb_dim=emb_dim, bias=False)
        self.mean = LightGCNConv(norm="mean")
        self.propagation = BipartitePropagation(num_layers)
        self.draw_parameters()

    def draw_parameters(self) -> None:
        """Draws the matrices by Xavier's uniform rule."""
        xavier_matrices_(self)

    def forward(
        self, x_dict: Mapping[str, Tensor], graph: HeteroData, *, user: Tensor | None = None
    ) -> dict[str, list[Sides]]:
        """Layers of every modality; ``user`` replaces the mean of items as the users' layer 0."""
        degree = graph["item"].degree, graph["user"].degree
        layers: dict[str, list[Sides]] = {}
        for name, item in self.project(x_dict).items():
            start = self.mean((item, None), graph[REV_INTERACTS], degree=degree) if user is None else user
            layers[name] = [Sides(start, item), *self.propagation.layers(start, item, graph)]
        return layers
