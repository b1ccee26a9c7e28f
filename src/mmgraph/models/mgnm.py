"""MGNM: dynamic de-redundancy, modality-guided de-noising (Mo et al., 2024, https://arxiv.org/abs/2411.01561)."""

from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.losses.functional import check_choice
from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import (
    BehaviorGate,
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
from mmgraph.typing import Encoding, Sides


class MGNM(Recommender):
    r"""LGMRec's local and global embeddings; hyperedges are drawn on behaviour that the modality has let through.

    .. math::
        \mathbf E_{loc}^{id} &= \frac{1}{L+1} \sum_{l=0}^{L} \hat{\mathbf A}^l \mathbf E^{id} \quad\text{(2-3)} \\
        \mathbf E_{loc} &= \mathbf E_{loc}^{id} + \sum_m \mathrm{norm}(\hat{\mathbf E}^{m,(K)}) \quad\text{(4-8)} \\
        \ddot{\mathbf E}_i^m &= \mathbf E_i^{id} \odot
            \sigma(\mathbf W_2 (\mathbf W_1 \mathbf X^m + \mathbf b_1) + \mathbf b_2) \quad\text{(9-10)} \\
        \mathbf H_i^m &= \ddot{\mathbf E}_i^m \mathbf T^{m\top}, \quad \mathbf H_u^m = \mathbf R \mathbf H_i^m
            \quad\text{(11-12)} \\
        \mathbf E_{glo} &= \sum_m \mathrm{Hypergraph}(\mathbf H^m, \mathbf E_{loc}^{id}) \quad\text{(13-15)} \\
        \mathbf E^* &= \mathbf E_{loc} + \alpha\,\mathrm{norm}(\mathbf E_{glo}) \quad\text{(17)}

    Eq. 11 and 12 do not fit together as printed, and Eq. 8, 15 and 17 differ from the text; ADR 0006 has the reading.

    Args:
        graph: the message graph; its items carry at least one modality.
        emb_dim: size D of the vectors.
        num_layers: rounds L of the collaborative part.
        num_modal_layers: rounds K of the modal part.
        num_hyper_layers: rounds H over the hyperedges.
        num_hyperedges: transformation vectors B of each modality.
        gate_expansion: A; the gate's features have A D numbers before they become D.
        alpha: factor of the global part.
        dropout: probability to drop a membership.
        tau: temperature of the memberships.
        noise: "gumbel", "logistic" or "none" while training; there is none while ranking.
        user_norm: users "sum" the logits of their items (R as it is) or take the "mean".
        combine: Comb of Eq. 3, the "mean" or the "sum" of layers.
        hyperedges_from: "gated" behaviour, or "raw" features without a gate, as LGMRec.
        users_hear: what users aggregate over the hyperedges: "items", as in LGMRec, or "users", as Eq. 14 is printed.
        modal_norm: Eq. 8, vectors at length 1 are of "each" modality, as LGMRec, or of their "sum", as printed.
        global_terms: Eq. 17, the global part is added "once", as LGMRec, or once for each of the "modalities", as
            printed.

    Views:
        ``ego``: the tables, which are ``layer.0``; ``layer.<l>``: collaborative layers; ``modal_layer.<name>.<k>``: a
        modality's layers; ``hyper.<name>``: global embeddings by modality.

    Raises:
        ValueError: if the items have no modality, or a choice is not known.
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
        gate_expansion: int = 4,
        alpha: float = 0.3,
        dropout: float = 0.5,
        tau: float = 0.2,
        noise: str = "gumbel",
        user_norm: str = "sum",
        combine: str = "mean",
        hyperedges_from: str = "gated",
        users_hear: str = "items",
        modal_norm: str = "each",
        global_terms: str = "once",
    ) -> None:
        super().__init__(graph)
        check_choice(combine, name="combine", allowed=("mean", "sum"))
        check_choice(hyperedges_from, name="hyperedges_from", allowed=("gated", "raw"))
        check_choice(users_hear, name="users_hear", allowed=("items", "users"))
        check_choice(modal_norm, name="modal_norm", allowed=("each", "sum"))
        check_choice(global_terms, name="global_terms", allowed=("once", "modalities"))
        self.combine = combine
        self.users_hear = users_hear
        self.modal_norm = modal_norm
        features = feature_dims(item_features(graph))
        self.alpha = alpha * (len(features) if global_terms == "modalities" else 1)
        sizes = {"user": self.num_users, "item": self.num_items}
        self.table = TableDict({side: (size, emb_dim) for side, size in sizes.items()})
        self.collaborative = BipartitePropagation(num_layers)
        self.modal = ModalityPropagation(features, emb_dim=emb_dim, num_layers=num_modal_layers)
        gates = {name: BehaviorGate(dim, emb_dim, expansion=gate_expansion) for name, dim in features.items()}
        self.gate = nn.ModuleDict(gates if hyperedges_from == "gated" else {})
        self._gates = gates  # raw features have no use for them, but they are drawn before the hyperedges
        widths = dict.fromkeys(features, emb_dim) if hyperedges_from == "gated" else features
        self.hyperedge = TableDict({name: (dim, num_hyperedges) for name, dim in widths.items()})
        self.hypergraph = HypergraphPropagation(
            num_hyper_layers, tau=tau, dropout=dropout, noise=noise, user_norm=user_norm
        )

    def reset_parameters(self) -> None:
        """Draws all parameters anew; gates too where there is no use for them, as the constructor does."""
        self.table.reset_parameters()
        self.modal.reset_parameters()
        for gate in self._gates.values():
            gate.reset_parameters()
        self.hyperedge.reset_parameters()

    def forward(self, graph: HeteroData) -> Encoding:
        """Local embeddings of ids and of each modality, and the global ones."""
        ego = Sides(self.rows(self.table["user"], graph["user"]), self.rows(self.table["item"], graph["item"]))
        layers = [ego, *self.collaborative.layers(*ego, graph)]
        local = add_sides(layers)
        if self.combine == "mean":
            local = scale_sides(local, 1 / len(layers))  # Eq. 3
        modal = self.modal(item_features(graph), graph)
        shared = self.over_hyperedges(ego.item, local, graph)
        summands = [local, *self._modal_parts([last for *_, last in modal.values()])]  # Eq. 8
        summands.append(scale_sides(normalize_sides(add_sides(shared.values())), self.alpha))  # Eq. 15
        views = {"ego": ego, **{f"layer.{k}": sides for k, sides in enumerate(layers)}}
        views |= {f"modal_layer.{name}.{k}": sides for name in modal for k, sides in enumerate(modal[name])}
        views |= {f"hyper.{name}": sides for name, sides in shared.items()}
        return Encoding(*add_sides(summands), views)  # Eq. 17

    def _modal_parts(self, last: list[Sides]) -> list[Sides]:
        return [normalize_sides(sides) for sides in (last if self.modal_norm == "each" else [add_sides(last)])]

    def over_hyperedges(self, behavior: Tensor, local: Sides, graph: HeteroData) -> dict[str, Sides]:
        """Global embeddings by modality (Eq. 9-15), from the items' free vectors and the collaborative part."""
        shared = {}
        user, item = local
        for name, x in item_features(graph).items():
            chooser = self.gate[name](behavior, x) if name in self.gate else x
            logits = assignment_logits(chooser, self.hyperedge[name]).to(item.dtype)
            shared[name] = self.hypergraph(logits, item, graph, user=user if self.users_hear == "users" else None)
        return shared
