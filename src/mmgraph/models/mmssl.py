"""MMSSL: multi-modal self-supervised learning (Wei et al., WWW 2023, https://arxiv.org/abs/2302.10632)."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import (
    AlternatingPropagation,
    ModalityProjection,
    ModalitySelfAttention,
    RowCritic,
    add_sides,
    feature_dims,
    interaction_coo,
    normalize_sides,
    scale_sides,
    xavier_matrices_,
)
from mmgraph.transforms import add_user_items, top_unseen_items
from mmgraph.typing import INTERACTS, Encoding, Sides, View


class MMSSL(Recommender):
    r"""What each modality would have a user choose becomes a graph; a critic sees to it that it looks like behaviour.

    Features reach users and come back, :math:`\mathbf f_u^m = |N_u|^{-1/2} \sum_{i \in N_u} \mathbf W^m \mathbf x_i^m +
    \mathbf b^m` and :math:`\mathbf f_i^m` likewise. The k unseen items of largest :math:`\mathbf f_u^m \cdot
    \mathbf f_i^m` are a user's neighbours :math:`N^m`, over which free vectors are gathered and attend to each other:

    .. math::
        \mathbf h_u^m = \frac{1}{\sqrt{|N_u^m|}} \sum_{i \in N_u^m} \mathbf x_i, \qquad
        \mathbf x_u^{(0)} = \mathbf x_u + \eta\, \mathrm{norm}(\operatorname{attention}_m \mathbf h_u^m), \qquad
        \mathbf e_u = \bar{\mathbf x}_u + \omega \sum_m \mathrm{norm}(\mathbf f_u^m)

    items alike, with :math:`\bar{\mathbf x}` the mean of layers of :class:`mmgraph.nn.AlternatingPropagation`.

    Args:
        graph: the message graph; items need at least one modality.
        emb_dim: size D of the vectors, a multiple of ``num_heads``.
        num_layers: rounds of propagation.
        num_heads: heads of the attention among modalities.
        num_generated: k, items that each modality adds for each user; found once an epoch, and for ranking. 0: none;
            then nothing is gathered, attends or is contrasted.
        feature_dropout: dropout of the projected features.
        attention_rate: :math:`\eta`.
        feature_rate: :math:`\omega`.
        critic_slope: of the critic's LeakyReLU below 0.

    Views:
        ``ego``: the two tables; ``modal.<name>``: :math:`\mathbf f^m`; ``generated.<name>``: :math:`\mathbf h^m`, empty
        if k is 0; ``interactions``: of users, as a sparse tensor.

    Raises:
        ValueError: if items have no modality or a number is out of range.
    """

    needs_modalities = True
    entangled = "its attention weighs the modalities against each other: without one, the others count otherwise"
    cost = "heavy"
    needs_full_graph = True  # the critic reads rows over all items

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        num_layers: int = 2,
        num_heads: int = 4,
        num_generated: int = 10,
        feature_dropout: float = 0.2,
        attention_rate: float = 0.36,
        feature_rate: float = 0.55,
        critic_slope: float = 0.01,
    ) -> None:
        super().__init__(graph)
        if num_generated < 0 or not 0 <= feature_dropout < 1:
            raise ValueError(
                f"num_generated={num_generated} must be at least 0 and feature_dropout={feature_dropout} in [0, 1)"
            )
        self.make_tables(emb_dim)
        self.project = ModalityProjection(feature_dims(item_features(graph)), emb_dim=emb_dim)
        xavier_matrices_(self.project)
        self.attention = ModalitySelfAttention(emb_dim, num_heads) if num_generated else None
        self.propagation = AlternatingPropagation(num_layers)
        self.critic = RowCritic(self.num_items, slope=critic_slope)
        self.num_generated = num_generated
        self.feature_dropout = feature_dropout
        self.attention_rate = attention_rate
        self.feature_rate = feature_rate

    def reset_parameters(self) -> None:
        """Draws all parameters anew; the projections' matrices by Xavier's rule before the next part draws."""
        self.draw_tables()
        self.project.reset_parameters()
        xavier_matrices_(self.project)
        if self.attention is not None:
            self.attention.reset_parameters()
        self.critic.reset_parameters()

    def parameter_groups(self) -> dict[str, list[nn.Parameter]]:
        """The critic steps first, then everything else against it."""
        return {"critic": list(self.critic.parameters()), "main": self.parameters_without(self.critic)}

    def training_graph(self, graph: HeteroData, epoch: int) -> HeteroData:
        """Adds each modality's edges by the weights as they are."""
        return self.inference_graph(graph)

    def inference_graph(self, graph: HeteroData) -> HeteroData:
        """Adds each modality's edges by the weights as they are."""
        drawn = graph
        if not self.num_generated:
            return drawn
        with torch.autocast(self.user_table.device.type, enabled=False):  # who is chosen hangs on small differences
            for name, (user, item) in self.modal(graph).items():
                edges = top_unseen_items(graph, user, item, self.num_generated)
                drawn = add_user_items(drawn, edges, relation=f"{name}_generated")
        return drawn

    def modal(self, graph: HeteroData, *, dropout: float = 0.0) -> dict[str, Sides]:
        """Users and items by each modality."""
        projected = self.project(item_features(graph))
        return {name: self.propagation.exchange(F.dropout(z, dropout), graph) for name, z in projected.items()}

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes over the interactions and each modality's edges; over the interactions alone where these are not."""
        ego = self.ego(graph)
        modal = self.modal(graph, dropout=self.feature_dropout if self.training else 0.0)
        generated = {name: self.gather(*ego, graph, f"{name}_generated") for name in modal if self.num_generated}
        user, item = self.propagation(*self.attend(ego, generated), graph)
        for of_user, of_item in modal.values():
            user = user + self.feature_rate * F.normalize(of_user)
            item = item + self.feature_rate * F.normalize(of_item)
        views: dict[str, View] = {"ego": ego, "interactions": {"user": interaction_coo(graph)}}
        views |= {f"modal.{name}": sides for name, sides in modal.items()}
        views |= {f"generated.{name}": generated[name] if generated else {} for name in modal}
        return Encoding(user, item, views)

    def attend(self, ego: Sides, generated: Mapping[str, Sides]) -> Sides:
        """Free vectors, plus what each node's modalities make of those gathered over the generated edges."""
        if self.attention is None:
            return ego
        user, item = ({name: sides[side] for name, sides in generated.items()} for side in (0, 1))
        attended = normalize_sides(Sides(self.attention(user), self.attention(item)))
        return add_sides([ego, scale_sides(attended, self.attention_rate)])

    def gather(self, user: Tensor, item: Tensor, graph: HeteroData, relation: str) -> Sides:
        """Free vectors of the other side's nodes, summed over the edges of a relation."""
        name = relation if ("user", relation, "item") in graph.edge_types else INTERACTS[1]
        forth = graph["user", name, "item"]
        back = graph["item", f"rev_{name}", "user"]
        conv = self.propagation.conv
        return Sides(conv((item, user), back.edge_index), conv((user, item), forth.edge_index))
