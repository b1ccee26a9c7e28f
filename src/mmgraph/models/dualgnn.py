"""DualGNN: dual graph neural network (Wang et al., TMM 2021, https://doi.org/10.1109/TMM.2021.3138298)."""

from collections.abc import Mapping

from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import (
    PreferencePropagation,
    SoftmaxGraphConv,
    add_sides,
    edge_store,
    feature_dims,
    redraw_,
    user_shares,
    weighted_sum,
    without_column,
)
from mmgraph.typing import Encoding, View


class DualGNN(Recommender):
    r"""Each user weighs the modalities in a way of their own, and aggregates users with the same items.

    With :math:`\hat{\mathbf x}^m` the sum of modality m's layers (:class:`mmgraph.nn.PreferencePropagation`) and
    :math:`c_{uv}` the number of items that users u and v share, for the k users that share most:

    .. math::
        \mathbf h_u = \sum_m w_u^m \hat{\mathbf x}_u^m, \qquad
        \mathbf e_u = \mathbf h_u + \sum_{v \in N(u)} \frac{\exp(c_{uv})}{\sum_{z \in N(u)} \exp(c_{uz})} \mathbf h_v,
        \qquad \mathbf e_i = \sum_m \hat{\mathbf x}_i^m

    Args:
        graph: the message graph with ``("user", "co_interacts", "user")`` (``graph=co_interaction``).
        emb_dim: size D of the vectors.
        hidden_dim: hidden units of the feature perceptrons.
        num_layers: rounds L on the user-item graph, at least 1.

    Views:
        ``preference.<name>``: the free users of each modality; ``user_weight``: the weights w (users).

    Raises:
        ValueError: if items have no modality or there is no layer.
    """

    needs_modalities = True
    projects_features = True
    cost = "light"
    num_graph_hops = 1

    def __init__(self, graph: HeteroData, *, emb_dim: int = 64, hidden_dim: int = 256, num_layers: int = 2) -> None:
        super().__init__(graph, reads=[("user", "co_interacts", "user")])
        dims = feature_dims(item_features(graph))
        self.modal = PreferencePropagation(
            dims, num_users=self.num_users, emb_dim=emb_dim, hidden_dim=hidden_dim, num_layers=num_layers
        )
        self.user_weight = user_shares(self.num_users, len(dims))
        self.user_conv = SoftmaxGraphConv()
        self.num_hops = num_layers + 1

    def draw_parameters(self) -> None:
        """Draws the users' weights."""
        redraw_(self.user_weight, user_shares)

    def leave_out(self, name: str, dims: Mapping[str, int]) -> None:
        """The users' weights of this modality."""
        self.user_weight = without_column(self.user_weight, list(dims).index(name))

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes every modality over the interactions, lets users weigh them, and passes that among users."""
        user_weight = self.rows(self.user_weight, graph["user"])
        modal, preference = self.modal(item_features(graph), graph)
        user = weighted_sum({name: of_user for name, (of_user, _) in modal.items()}, user_weight)
        _, item = add_sides(modal.values())
        peers = edge_store(graph, "user", "co_interacts", "user")
        views: dict[str, View] = {f"preference.{name}": view for name, view in preference.items()}
        views["user_weight"] = {"user": user_weight}
        return Encoding(user + self.user_conv(user, peers), item, views)
