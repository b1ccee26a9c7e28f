"""SHT: self-supervised hypergraph transformer (Xia et al., KDD 2022, https://arxiv.org/abs/2207.14338)."""

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender
from mmgraph.nn import (
    BipartitePropagation,
    HyperedgeMixing,
    TableDict,
    linear_attention,
    redraw_,
    reset_parts,
    xavier_uniform,
)
from mmgraph.typing import INTERACTS, Encoding, Sides, View

SIDES = ("user", "item")


class SHT(Recommender):
    r"""Nodes and learned hyperedges attend to each other, starting from the neighbours' aggregates.

    .. math:: \tilde{\mathbf e} &= \sum_{l=0}^{L_g} (\bar{\mathbf A}^l \mathbf E)_v, \qquad
              \mathbf k = \mathbf K \tilde{\mathbf e}, \qquad \mathbf e^{(0)} = \tilde{\mathbf e} \\
              \tilde{\mathbf z}_a &= \big\Vert_h \sum_v (\mathbf z_{a,h}^\top \mathbf k_{v,h}) (\mathbf V
              \mathbf e_v^{(l-1)})_h, \qquad \hat{\mathbf Z} = \psi(\tilde{\mathbf Z}) \\
              \mathbf e_v^{(l)} &= \big\Vert_h \sum_a (\mathbf k_{v,h}^\top \mathbf z_{a,h}) (\mathbf V
              \hat{\mathbf z}_a)_h, \qquad \hat{\mathbf e} = \sum_{l=0}^{L} \mathbf e^{(l)}

    for users and for items, each with hyperedges z of its own. While training, a sample of the interactions is judged
    twice: by the neighbours' vectors, and by how solid it looks from the keys, through a network that the mean of the
    hyperedges generates:

    .. math:: \boldsymbol\Gamma = \sigma(\mathbf W(\bar{\mathbf z}) \mathbf k + \mathbf b(\bar{\mathbf z})), \qquad
              \hat s_{ui} = \tilde{\mathbf e}_u^\top \tilde{\mathbf e}_i \\
              s_{ui} = \operatorname{sigm}\big(\mathbf d^\top (\sigma(\mathbf T [\boldsymbol\Gamma_u;
              \boldsymbol\Gamma_i] + \mathbf c) + \boldsymbol\Gamma_u + \boldsymbol\Gamma_i)\big)

    Args:
        graph: the message graph.
        emb_dim: size D of the vectors.
        num_graph_layers: rounds over the interactions.
        num_layers: rounds L over the hyperedges.
        num_hyperedges: hyperedges of the users, and of the items.
        num_mixing_layers: layers of psi, in which hyperedges aggregate each other; each round and side has its own.
        num_heads: heads; divides ``emb_dim``.
        slope: of the LeakyReLU below 0.
        edge_rate: interactions judged at a step, as a share of all.

    Views:
        ``ego``: the tables; ``weights``: the other matrices, but for psi's; ``solidity``: while training, the two
        judgements ``first`` (neighbours) and ``second`` (solidity) of the interactions drawn; else empty.

    Raises:
        ValueError: if ``edge_rate`` is out of range; at the first step, if ``num_heads`` does not divide ``emb_dim``.
    """

    cost = "medium"
    needs_full_graph = True  # every hyperedge sums over all users or items

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        num_graph_layers: int = 2,
        num_layers: int = 2,
        num_hyperedges: int = 128,
        num_mixing_layers: int = 2,
        num_heads: int = 2,
        slope: float = 0.5,
        edge_rate: float = 0.1,
    ) -> None:
        super().__init__(graph)
        if not 0 < edge_rate <= 1:
            raise ValueError(f"edge_rate={edge_rate} must be above 0 and at most 1")
        self.make_tables(emb_dim)
        # Short at first: nothing divides the attention's sums, which grow with the square of these.
        sizes = dict.fromkeys(SIDES, (num_hyperedges, emb_dim))
        self.hyperedge = TableDict(sizes, draw=partial(xavier_uniform, gain=0.25))
        self.key = xavier_uniform(emb_dim, emb_dim)
        self.value = xavier_uniform(emb_dim, emb_dim)
        names = [f"{side}_{layer}" for layer in range(num_layers) for side in SIDES]
        mixing = {name: HyperedgeMixing(num_hyperedges, num_mixing_layers, slope=slope) for name in names}
        self.num_layers = num_layers
        self.mixing = nn.ModuleDict(mixing)
        self.propagation = BipartitePropagation(num_graph_layers)
        self.meta_weight = nn.Linear(emb_dim, emb_dim**2)
        self.meta_bias = nn.Linear(emb_dim, emb_dim)
        self.pair = nn.Linear(2 * emb_dim, emb_dim)
        self.solid = nn.Linear(emb_dim, 1)
        self.num_heads = num_heads
        self.slope = slope
        self.edge_rate = edge_rate

    def reset_parameters(self) -> None:
        """Draws all parameters anew; keys and values come after the hyperedges and before the other parts."""
        self.draw_tables()
        self.hyperedge.reset_parameters()
        redraw_(self.key, xavier_uniform)
        redraw_(self.value, xavier_uniform)
        reset_parts(self.mixing)
        for linear in (self.meta_weight, self.meta_bias, self.pair, self.solid):
            linear.reset_parameters()

    def forward(self, graph: HeteroData) -> Encoding:
        """Adds up the rounds over the hyperedges; while training, judges some interactions."""
        ego = self.ego(graph)
        local = self.propagation.sum(*ego, graph, with_ego=True)
        keys = Sides(local.user @ self.key, local.item @ self.key)
        user, item = (self._transform(side, x, key) for side, x, key in zip(SIDES, local, keys, strict=True))
        views: dict[str, View] = {"ego": ego, "solidity": {}}
        maps = {"meta_weight": self.meta_weight, "meta_bias": self.meta_bias, "pair": self.pair, "solid": self.solid}
        weights = {name: linear.weight for name, linear in maps.items()}
        views["weights"] = {**self.hyperedge, "key": self.key, "value": self.value, **weights}
        if self.training:
            views["solidity"] = self._judge(local, keys, graph[INTERACTS].edge_index)
        return Encoding(user, item, views)

    def _transform(self, side: str, x: Tensor, key: Tensor) -> Tensor:
        hyperedge = self.hyperedge[side]
        heads = self.num_heads
        total = x
        for layer in range(self.num_layers):
            mixed = self.mixing[f"{side}_{layer}"](linear_attention(hyperedge, key, x @ self.value, num_heads=heads))
            x = linear_attention(key, hyperedge, mixed @ self.value, num_heads=heads)
            total = total + x
        return total

    def _judge(self, local: Sides, keys: Sides, edge_index: Tensor) -> View:
        count = 2 * max(1, round(self.edge_rate * edge_index.size(1) / 2))
        drawn = edge_index[:, torch.randint(edge_index.size(1), (count,), device=edge_index.device)]
        user, item = (F.embedding(rows, x) for rows, x in zip(drawn, local, strict=True))
        solid = [self._meta(side, F.embedding(rows, x)) for side, rows, x in zip(SIDES, drawn, keys, strict=True)]
        hidden = F.leaky_relu(self.pair(torch.cat(solid, dim=1)), self.slope) + solid[0] + solid[1]
        return {"first": (user * item).sum(-1), "second": self.solid(hidden).squeeze(1).sigmoid()}

    def _meta(self, side: str, key: Tensor) -> Tensor:
        mean = self.hyperedge[side].mean(0)
        weight = self.meta_weight(mean).view(key.size(1), -1)
        return F.leaky_relu(key @ weight + self.meta_bias(mean), self.slope)
