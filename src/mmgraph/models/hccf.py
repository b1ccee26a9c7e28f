"""HCCF: hypergraph contrastive collaborative filtering (Xia et al., SIGIR 2022, https://arxiv.org/abs/2204.12200)."""

import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender
from mmgraph.nn import (
    BipartitePropagation,
    EdgeDropout,
    HyperedgeMixing,
    HypergraphConv,
    TableDict,
    add_sides,
)
from mmgraph.typing import Encoding, Sides, View

SIDES = ("user", "item")


class HCCF(Recommender):
    r"""Every layer aggregates neighbours (local) and all nodes of a kind through learned hyperedges (global).

    .. math:: \mathbf Z^{(l)} &= \sigma(\bar{\mathbf A}\, \mathbf E^{(l-1)}), \qquad
              \mathbf H = \mu\, \mathbf E^{(0)} \mathbf W \\
              \boldsymbol\Gamma^{(l)} &= \sigma\big(\mathbf H\, \psi(\sigma(\mathbf H^\top \mathbf E^{(l-1)}))\big) \\
              \mathbf E^{(l)} &= \mathbf Z^{(l)} + \boldsymbol\Gamma^{(l)}\ (+\, \mathbf E^{(l-1)}), \qquad
              \boldsymbol\Psi = \sum_{l=0}^{L} \mathbf E^{(l)}

    for users and for items, with messages and memberships H dropped anew in every layer. The defaults are those of the
    authors' PyTorch code, which has no activation, no mixing and no residual; the paper has slope 0.5 and all of them.
    Memberships alone are scaled as validation prefers, which leaves little of the global part in the final vectors.

    Args:
        graph: the message graph.
        emb_dim: size D of the vectors.
        num_layers: layers L.
        num_hyperedges: hyperedges A of the users, and of the items.
        membership_scale: :math:`\mu`. The global part adds up all nodes, so it grows with their number and with the
            square of this; 1 in the authors' first code, chosen from 1e-2, 1e-1 and 1 in that for sparse data ("mult").
        num_mixing_layers: layers of psi, in which hyperedges aggregate each other; each layer and side has its own.
        slope: of the LeakyReLU below 0; 1: linear.
        residual: whether a layer keeps the one below.
        dropout: share of messages and of memberships dropped while training, in [0, 1).

    Views:
        ``ego``: the tables; ``local.<l>``: Z, without gradients; ``global.<l>``: Gamma; ``weights``: the others.

    Raises:
        ValueError: if there is no layer or ``dropout`` is out of range.
    """

    cost = "heavy"
    needs_full_graph = True  # every hyperedge sums over all users or items

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        num_layers: int = 2,
        num_hyperedges: int = 128,
        membership_scale: float = 0.01,
        num_mixing_layers: int = 0,
        slope: float = 1.0,
        residual: bool = False,
        dropout: float = 0.5,
    ) -> None:
        super().__init__(graph)
        if num_layers < 1:
            raise ValueError(f"num_layers={num_layers} must be at least 1: there is nothing to contrast without")
        self.make_tables(emb_dim)
        self.hyperedge = TableDict(dict.fromkeys(SIDES, (emb_dim, num_hyperedges)))
        names = [f"{side}_{layer}" for layer in range(num_layers) for side in SIDES]
        mixing = {name: HyperedgeMixing(num_hyperedges, num_mixing_layers, slope=slope) for name in names}
        self.num_layers = num_layers
        self.mixing = nn.ModuleDict(mixing)
        self.membership_scale = membership_scale
        self.edge_dropout = EdgeDropout(dropout)
        self.dropout = nn.Dropout(dropout)
        self.round = BipartitePropagation(1)
        self.conv = HypergraphConv()
        self.slope = slope
        self.residual = residual

    def forward(self, graph: HeteroData) -> Encoding:
        """Adds up all layers."""
        last = ego = self.ego(graph)
        scaled = {side: self.membership_scale * weight for side, weight in self.hyperedge.items()}
        membership = {side: x @ scaled[side] for side, x in zip(SIDES, ego, strict=True)}
        layers = [ego]
        views: dict[str, View] = {"ego": ego, "weights": dict(self.hyperedge)}
        for layer in range(self.num_layers):
            local = self._activate(self.round.sum(*last, self.edge_dropout(graph)))
            user = self._share(last.user, membership["user"], self.mixing[f"user_{layer}"])
            item = self._share(last.item, membership["item"], self.mixing[f"item_{layer}"])
            views[f"local.{layer}"] = Sides(local.user.detach(), local.item.detach())
            shared = Sides(user, item)
            views[f"global.{layer}"] = shared
            last = add_sides([local, shared] + ([last] if self.residual else []))
            layers.append(last)
        return Encoding(*add_sides(layers), views)

    def _share(self, x: Tensor, membership: Tensor, mixing: nn.Module) -> Tensor:
        membership = self.dropout(membership)
        hyperedge = mixing(F.leaky_relu(self.conv.to_hyperedges(x, membership), self.slope))
        return F.leaky_relu(self.conv.to_nodes(hyperedge, membership), self.slope)

    def _activate(self, sides: Sides) -> Sides:
        return Sides(F.leaky_relu(sides.user, self.slope), F.leaky_relu(sides.item, self.slope))
