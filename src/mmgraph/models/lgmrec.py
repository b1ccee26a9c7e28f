"""LGMRec: local and global graph learning (Guo et al., AAAI 2024, https://arxiv.org/abs/2312.16400)."""

from collections.abc import Mapping, Sequence

from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import (
    BipartitePropagation,
    HypergraphPropagation,
    ModalityPropagation,
    TableDict,
    add_sides,
    assignment_logits,
    feature_dims,
    normalize_sides,
    scale_sides,
)
from mmgraph.typing import Encoding, Sides, View

PARTS = ("collaborative", "modal", "global")


class LGMRec(Recommender):
    r"""Interests from the interactions and from each modality apart, plus those shared over learned hyperedges.

    .. math::
        \mathbf E_{lge}^{id} &= \frac{1}{L+1} \sum_{l=0}^{L} \hat{\mathbf A}^l \mathbf E^{id} \quad\text{(2-3)} \\
        \mathbf E_{lge} &= \mathbf E_{lge}^{id} + \sum_m \mathrm{norm}(\mathbf E_{lge}^{m,(K)}) \quad\text{(4-6)} \\
        \mathbf H_i^m &= \mathbf X^m \mathbf V^{m\top}, \quad \mathbf H_u^m = \mathbf R \mathbf H_i^m \quad\text{(7)} \\
        \mathbf E_{ghe} &= \sum_m \mathrm{Hypergraph}(\mathbf H^m, \mathbf E_{lge}^{id}) \quad\text{(8-11)} \\
        \mathbf E^* &= \mathbf E_{lge} + \alpha\,\mathrm{norm}(\mathbf E_{ghe}) \quad\text{(13)}

    Where a part is left out (Table 3), the hypergraph starts from the items' free vectors if there is no
    ``collaborative`` part, and the sum above has fewer terms.

    Args:
        graph: the message graph; its items carry at least one modality.
        emb_dim: size D of the vectors.
        num_layers: rounds L of the collaborative part.
        num_modal_layers: rounds K of the modal part.
        num_hyper_layers: rounds H over the hyperedges.
        num_hyperedges: hyperedges A of each modality.
        alpha: factor of the global part.
        dropout: probability to drop a membership; 1 - rho, the paper's keep rate.
        tau: temperature of the memberships.
        noise: "gumbel" (official code), "logistic" (the paper's text) or "none".
        eval_noise: draws noise while ranking too, as the official code does; two evaluations then differ.
        user_norm: users "sum" (official code) the logits of their items or take the "mean".
        parts: which of "collaborative", "modal", "global" are summed.
        shared_user_ids: users start the modal part from their free vectors ("w/ SUID" of Table 3).

    Views:
        ``ego``: the tables; ``hyper.<name>``: global embeddings by modality (empty without the global part).

    Raises:
        ValueError: if the items have no modality, or ``parts`` are empty or not known.
    """

    needs_modalities = True
    cost = "medium"
    needs_full_graph = True  # every hyperedge sums over all items

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        num_layers: int = 2,
        num_modal_layers: int = 2,
        num_hyper_layers: int = 1,
        num_hyperedges: int = 4,
        alpha: float = 0.3,
        dropout: float = 0.5,
        tau: float = 0.2,
        noise: str = "gumbel",
        eval_noise: bool = False,
        user_norm: str = "sum",
        parts: Sequence[str] = PARTS,
        shared_user_ids: bool = False,
    ) -> None:
        super().__init__(graph)
        self.parts = list(parts)
        self.alpha = alpha
        self.shared_user_ids = shared_user_ids
        self.features = feature_dims(item_features(graph))
        _check_parts(parts, self.features)
        sides = {"user": "collaborative" in parts or shared_user_ids, "item": {"collaborative", "global"} & set(parts)}
        sizes = {"user": self.num_users, "item": self.num_items}
        used = {side: size for side, size in sizes.items() if sides[side]}
        self.table = TableDict({side: (size, emb_dim) for side, size in used.items()})
        self.collaborative = BipartitePropagation(num_layers)
        if "modal" in parts:
            self.modal = ModalityPropagation(self.features, emb_dim=emb_dim, num_layers=num_modal_layers)
        if "global" in parts:
            self.hyperedge = TableDict({name: (dim, num_hyperedges) for name, dim in self.features.items()})
            self.hypergraph = HypergraphPropagation(
                num_hyper_layers, tau=tau, dropout=dropout, noise=noise, eval_noise=eval_noise, user_norm=user_norm
            )

    def forward(self, graph: HeteroData) -> Encoding:
        """Adds up the parts."""
        ego = {side: self.rows(table, graph[side]) for side, table in self.table.items()}
        summands: list[Sides] = []
        shared: dict[str, Sides] = {}
        if "collaborative" in self.parts:
            summands.append(self.collaborative(ego["user"], ego["item"], graph))  # Eq. 2-3
        if "global" in self.parts:
            shared = self.over_hyperedges(summands[0].item if summands else ego["item"], graph)
            summands.append(scale_sides(normalize_sides(add_sides(shared.values())), self.alpha))
        if "modal" in self.parts:
            layers = self.modal(item_features(graph), graph, user=ego["user"] if self.shared_user_ids else None)
            summands += [normalize_sides(last) for *_, last in layers.values()]  # Eq. 4-6
        views: dict[str, View] = {f"hyper.{name}": {} for name in self.features}
        views |= {f"hyper.{name}": sides for name, sides in shared.items()}
        return Encoding(*add_sides(summands), {"ego": ego, **views})  # Eq. 13

    def over_hyperedges(self, item: Tensor, graph: HeteroData) -> dict[str, Sides]:
        """Global embeddings by modality (Eq. 7-10)."""
        logits = {name: assignment_logits(x, self.hyperedge[name]) for name, x in item_features(graph).items()}
        return {name: self.hypergraph(of_item.to(item.dtype), item, graph) for name, of_item in logits.items()}


def _check_parts(parts: Sequence[str], features: Mapping[str, int]) -> None:
    if not parts or set(parts) - set(PARTS):
        raise ValueError(f"parts={list(parts)} must be some of {', '.join(PARTS)}")
    if not features and set(parts) != {"collaborative"}:
        raise ValueError(f"parts={list(parts)} need items with at least one modality (x_<name>); there is none")
