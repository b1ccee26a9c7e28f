"""GRCN: graph-refined convolutional network (Wei et al., MM 2020, https://arxiv.org/abs/2008.10294)."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import (
    ModalityProjection,
    RoutingConv,
    TableDict,
    add_sides,
    concat_sides,
    feature_dims,
    normalize_sides,
    weighted_spmm,
    without_column,
    xavier_normal,
)
from mmgraph.typing import INTERACTS, REV_INTERACTS, Encoding, Sides, View


class GRCN(Recommender):
    r"""Content decides how much each interaction counts; ids travel along the interactions that are left.

    For each modality m, with items as prototypes at length 1, users are routed to what they like (T times), and both
    sides then aggregate each other once:

    .. math::
        \mathbf x_i^m &= \mathrm{norm}(\mathrm{LeakyReLU}(\mathbf W^m \mathbf f_i^m + \mathbf b^m)), \qquad
        \mathbf x_u^m \leftarrow \mathrm{norm}\Big(\mathbf x_u^m + \sum_{i \in N_u} \alpha_{iu}^m \mathbf x_i^m\Big),
        \qquad \alpha_{ji}^m = \operatorname*{softmax}_{j \in N_i} (\mathbf x_i^{m\top} \mathbf x_j^m) \\
        \hat{\mathbf x}_i^m &= \mathbf x_i^m + \sum_{j \in N_i} \alpha_{ji}^m \mathbf x_j^m, \qquad
        w_{ji} = \mathrm{ReLU}\big(\max_m c_j^m \alpha_{ji}^m\big) \\
        \mathbf e_i^{(0)} &= \mathrm{norm}(\mathbf e_i), \qquad
        \mathbf e_i^{(l)} = \sum_{j \in N_i} w_{ji} \mathbf e_j^{(l-1)}, \qquad
        \mathbf h_i = \Big[\sum_{l=0}^{L} \mathbf e_i^{(l)} \,\Big\Vert\, \hat{\mathbf x}_i^1 \,\Big\Vert\,
            \hat{\mathbf x}_i^2 \dots\Big]

    for users and items alike, where c is how far a node's modality is to be trusted.

    Args:
        graph: the message graph; items need at least one modality.
        emb_dim: size D of the ids' vectors.
        content_dim: size of each modality's vectors; the final ones have D and this for each modality.
        num_routings: times T that users are routed. The authors' code does nothing in them (its messages lead away from
            users), so 0 gives its numbers.
        num_layers: rounds L of the ids.
        prune: whether interactions with a negative weight are left out (the ReLU).

    Views:
        ``ego``: the tables of ids; ``preference.<name>``: the users that each modality's routing starts from.

    Raises:
        ValueError: if items have no modality.
    """

    needs_modalities = True
    projects_features = True
    cost = "medium"

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        content_dim: int = 64,
        num_routings: int = 0,
        num_layers: int = 2,
        prune: bool = True,
    ) -> None:
        super().__init__(graph)
        dims = feature_dims(item_features(graph))
        self.project = ModalityProjection(dims, emb_dim=content_dim)
        self.make_tables(emb_dim, draw=xavier_normal)
        self.preference = TableDict(dict.fromkeys(dims, (self.num_users, content_dim)), draw=xavier_normal)
        sizes = {"user": self.num_users, "item": self.num_items}
        self.confidence = TableDict({side: (size, len(dims)) for side, size in sizes.items()}, draw=xavier_normal)
        self.route = RoutingConv()
        self.num_routings = num_routings
        self.num_layers = num_layers
        self.prune = prune
        # An edge's weight rests on its ends, and a user on the items it is routed to.
        self.num_hops = max(num_layers, 1) + (num_routings > 0)

    def reset_parameters(self) -> None:
        """Draws all parameters anew; the tables come after the projections here."""
        self.project.reset_parameters()
        self.draw_tables()
        self.preference.reset_parameters()
        self.confidence.reset_parameters()

    def leave_out(self, name: str, dims: Mapping[str, int]) -> None:
        """How far each node's modality is to be trusted."""
        for side, table in list(self.confidence.items()):
            self.confidence[side] = without_column(table, list(dims).index(name))

    def forward(self, graph: HeteroData) -> Encoding:
        """Routes every modality, weighs the interactions by that, and sends the ids along them."""
        preference = {name: self.rows(table, graph["user"]) for name, table in self.preference.items()}
        ego = self.ego(graph)
        content = []
        to_user = []
        to_item = []
        for name, projected in self.project(item_features(graph)).items():
            sides, of_user, of_item = self._route(preference[name], F.leaky_relu(projected), graph)
            content.append(sides)
            to_user.append(of_user)
            to_item.append(of_item)
        of_items = graph[REV_INTERACTS].edge_index
        of_users = graph[INTERACTS].edge_index
        weight_user = self._weigh(to_user, self.rows(self.confidence["item"], graph["item"]), of_items)
        weight_item = self._weigh(to_item, self.rows(self.confidence["user"], graph["user"]), of_users)
        layers = [normalize_sides(ego)]
        for _ in range(self.num_layers):
            user, item = layers[-1]
            to_users = weighted_spmm(item, of_items, weight_user, user.size(0))
            to_items = weighted_spmm(user, of_users, weight_item, item.size(0))
            layers.append(Sides(to_users, to_items))
        user, item = concat_sides([add_sides(layers), *content])
        views: dict[str, View] = {f"preference.{name}": {"user": x} for name, x in preference.items()}
        return Encoding(user, item, {"ego": ego, **views})

    def _route(self, user: Tensor, item: Tensor, graph: HeteroData) -> tuple[Sides, Tensor, Tensor]:
        """Users and items of one modality, and what each interaction weighs at its user and at its item."""
        user, item = normalize_sides(Sides(user, item))
        of_items = graph[REV_INTERACTS].edge_index
        of_users = graph[INTERACTS].edge_index
        for _ in range(self.num_routings):
            user = F.normalize(user + self.route((item, user), of_items), dim=-1)
        at_user, to_user = self.route((item, user), of_items, return_weight=True)
        at_item, to_item = self.route((user, item), of_users, return_weight=True)
        return Sides(user + at_user, item + at_item), to_user, to_item

    def _weigh(self, alphas: list[Tensor], confidence: Tensor, edge_index: Tensor) -> Tensor:
        weight = (torch.stack(alphas, dim=1) * F.embedding(edge_index[0], confidence)).max(dim=1).values
        return F.relu(weight) if self.prune else weight
