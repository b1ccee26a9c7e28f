"""SimGCL: contrast between noisy embeddings (Yu et al., SIGIR 2022, https://arxiv.org/abs/2112.08679)."""

import torch
import torch.nn.functional as F
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender
from mmgraph.nn import BipartitePropagation, scale_sides
from mmgraph.typing import Encoding, Sides


class SimGCL(Recommender):
    r"""LightGCN without its ego layer; the views to contrast are the same propagation with noise at every layer.

    .. math:: \mathbf e = \frac{1}{L} \sum_{l=1}^{L} \mathbf x^{(l)}, \qquad
              \mathbf x'^{(l)} = \hat{\mathbf A} \mathbf x'^{(l-1)} + \boldsymbol\Delta^{(l)}, \qquad
              \boldsymbol\Delta_v = \varepsilon\, \operatorname{sign}\big((\hat{\mathbf A} \mathbf x')_v\big) \odot
              \frac{\mathbf n}{\|\mathbf n\|_2},\ \mathbf n \sim U(0, 1)^D

    Each noise has length :math:`\varepsilon` and stays in the orthant of the vector that it is added to.

    Args:
        graph: the message graph.
        emb_dim: size D of the vectors.
        num_layers: rounds of propagation L, at least 1.
        noise: length of the noise, epsilon; at least 0.

    Views:
        ``ego``: the two tables; while training, ``first`` and ``second``: the two noisy encodings.

    Raises:
        ValueError: if there is no layer or ``noise`` is negative.
    """

    cost = "medium"
    reads_edge_rows = True

    def __init__(self, graph: HeteroData, *, emb_dim: int = 64, num_layers: int = 2, noise: float = 0.1) -> None:
        super().__init__(graph)
        if num_layers < 1:
            raise ValueError(f"num_layers={num_layers} must be at least 1: the ego layer is not part of the mean")
        if not noise >= 0:
            raise ValueError(f"noise={noise} must be at least 0")
        self.make_tables(emb_dim)
        self.propagation = BipartitePropagation(num_layers)
        self.num_hops = num_layers
        self.noise = noise

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes without noise, and while training twice with it."""
        ego = self.ego(graph)
        views = {"ego": ego}
        for name in ("first", "second") if self.training else ():
            views[name] = self._mean_of_layers(ego, graph, noisy=True)
        return Encoding(*self._mean_of_layers(ego, graph, noisy=False), views)

    def _mean_of_layers(self, ego: Sides, graph: HeteroData, *, noisy: bool) -> Sides:
        total = self.propagation.sum(*ego, graph, refine=self._perturb if noisy else None)
        return scale_sides(total, 1.0 / self.propagation.num_layers)

    def _perturb(self, layer: Sides) -> Sides:
        return Sides(*(x + self.noise * x.sign() * F.normalize(torch.rand_like(x), dim=-1) for x in layer))
