"""MMGCN: multi-modal graph convolution network (Wei et al., MM 2019, https://doi.org/10.1145/3343031.3351034)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.losses.functional import check_choice
from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import (
    BipartitePropagation,
    FeatureLinear,
    Resettable,
    TableDict,
    add_sides,
    feature_dims,
    normalize_sides,
    scale_sides,
    xavier_normal,
)
from mmgraph.typing import Encoding, Sides, View

COMBINATIONS = ("concat", "sum")


class MMGCN(Recommender):
    r"""A graph convolution for each modality, tied together by ids that all modalities share.

    With users :math:`\mathbf x_u^{m,(0)}` free, items their features, projected where they are long, at length 1, and
    :math:`\sigma` = LeakyReLU:

    .. math::
        \mathbf h_i^{m,(l)} &= \sigma\Big(\frac{1}{|N_i|} \sum_{j \in N_i} \mathbf W_1^{m,l} \mathbf x_j^{m,(l-1)}\Big),
        \qquad \hat{\mathbf x}_i^{m,(l)} = \sigma(\mathbf W_2^{m,l} \mathbf x_i^{m,(l-1)} + \mathbf b_2^{m,l})
            + \mathbf e_i \\
        \mathbf x_i^{m,(l)} &= \sigma(\mathbf W_3^{m,l} [\mathbf h_i^{m,(l)} \| \hat{\mathbf x}_i^{m,(l)}]
            + \mathbf b_3^{m,l}), \qquad \mathbf x_i = \frac 1M \sum_m \mathbf x_i^{m,(L)}

    for users and items alike; with ``combine="sum"`` it is :math:`\sigma(\mathbf W_3 \mathbf h + \mathbf b_3 +
    \hat{\mathbf x})`.

    Args:
        graph: the message graph; items need at least one modality.
        emb_dim: size D of the ids and of each layer.
        hidden_dim: longest features that are taken as they are; longer ones are projected to this size.
        num_layers: layers L, at least 1.
        combine: "concat" or "sum" of a node's aggregate and what it is.

    Views:
        ``ego``: the tables of ids; ``preference.<name>``: the free users of each modality.

    Raises:
        ValueError: if items have no modality, there is no layer or ``combine`` is not known.
    """

    needs_modalities = True
    projects_features = True
    cost = "heavy"

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        hidden_dim: int = 256,
        num_layers: int = 3,
        combine: str = "concat",
    ) -> None:
        super().__init__(graph)
        dims = feature_dims(item_features(graph))
        if not dims:
            raise ValueError("MMGCN needs items with at least one modality (x_<name>); this graph has none")
        if num_layers < 1:
            raise ValueError(f"num_layers={num_layers} must be at least 1: without edges users and items never meet")
        check_choice(combine, name="combine", allowed=COMBINATIONS)
        self.make_tables(emb_dim, draw=xavier_normal)
        long = {name: FeatureLinear(dim, hidden_dim) for name, dim in dims.items() if dim > hidden_dim}
        self.project = nn.ModuleDict(long)
        start = {name: min(dim, hidden_dim) for name, dim in dims.items()}
        self.preference = TableDict({name: (self.num_users, dim) for name, dim in start.items()}, draw=xavier_normal)
        layers = {name: [dim] + [emb_dim] * (num_layers - 1) for name, dim in start.items()}
        self.layers = nn.ModuleDict(
            {name: nn.ModuleList(_Layer(dim, emb_dim, combine) for dim in sizes) for name, sizes in layers.items()}
        )
        self.neighbors = BipartitePropagation(1, norm="mean")
        self.num_hops = num_layers

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes every modality and takes their mean."""
        ego = self.ego(graph)
        preference = {name: self.rows(table, graph["user"]) for name, table in self.preference.items()}
        encoded = []
        for name, x in item_features(graph).items():
            item = self.project[name](x) if name in self.project else x.to(preference[name].dtype)
            encoded.append(self._convolve(name, normalize_sides(Sides(preference[name], item)), ego, graph))
        views: dict[str, View] = {f"preference.{name}": {"user": x} for name, x in preference.items()}
        views["ego"] = ego
        return Encoding(*scale_sides(add_sides(encoded), 1 / len(encoded)), views)

    def _convolve(self, name: str, sides: Sides, ego: Sides, graph: HeteroData) -> Sides:
        for layer in self.layers[name].children():
            assert isinstance(layer, _Layer)
            message = self._messages(layer, sides, graph)
            sides = Sides(layer(sides.user, message.user, ego.user), layer(sides.item, message.item, ego.item))
        return sides

    def _messages(self, layer: "_Layer", sides: Sides, graph: HeteroData) -> Sides:
        """W_1 and the mean may change places: it acts on the side that has fewer nodes, both times."""
        if self.num_items < self.num_users:
            user, item = self.neighbors.sum(sides.user, layer.transform(sides.item), graph)
            return Sides(user, layer.transform(item))
        user, item = self.neighbors.sum(layer.transform(sides.user), sides.item, graph)
        return Sides(layer.transform(user), item)


class _Layer(Resettable):
    """One layer of one modality, from the mean of a node's neighbours."""

    def __init__(self, in_dim: int, emb_dim: int, combine: str) -> None:
        super().__init__()
        self.message = nn.Linear(in_dim, in_dim, bias=False)
        self.own = nn.Linear(in_dim, emb_dim)
        self.combine = nn.Linear(in_dim + emb_dim if combine == "concat" else in_dim, emb_dim)
        self.concat = combine == "concat"
        self.draw_parameters()

    def draw_parameters(self) -> None:
        for linear in (self.message, self.own, self.combine):
            nn.init.xavier_normal_(linear.weight)

    def transform(self, x: Tensor) -> Tensor:
        """W_1, before or after the mean."""
        return self.message(x).to(x.dtype)  # bf16 under autocast

    def forward(self, x: Tensor, message: Tensor, ego: Tensor) -> Tensor:
        message = F.leaky_relu(message)
        own = F.leaky_relu(self.own(x)) + ego
        if self.concat:  # of both side by side, which are not copied for it
            of_message, of_own = self.combine.weight.split([message.size(1), own.size(1)], dim=1)
            combined = torch.addmm(F.linear(own, of_own, self.combine.bias), message, of_message.T)
        else:
            combined = self.combine(message) + own
        return F.leaky_relu(combined).to(ego.dtype)
