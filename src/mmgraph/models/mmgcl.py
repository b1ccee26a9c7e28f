"""MMGCL: multi-modal graph contrastive learning (Yi et al., SIGIR 2022, https://doi.org/10.1145/3477495.3532027)."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.losses.functional import check_choice
from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import JointPropagation, feature_dims
from mmgraph.transforms import add_interactions, drop_edges
from mmgraph.typing import Encoding, Sides, View


class MMGCL(Recommender):
    r"""Ids and modalities propagated side by side and joined, on two altered versions of the input too.

    The encoder is :class:`mmgraph.nn.JointPropagation`. One version lacks interactions (modality edge dropout), in the
    other a modality is replaced, for users and items, by numbers drawn at random (modality masking). In each, users
    should find their items among the batch's and among challenging negatives: the item itself, but for one modality
    that is another item's,

    .. math:: \mathbf e_i = \mathbf W_{id} \bar{\mathbf x}_i^{id} + \sum_m \mathbf W_m \bar{\mathbf x}_i^m + \mathbf b,
              \qquad \mathbf e_{i \leftarrow j} = \mathbf e_i - \mathbf W_m \bar{\mathbf x}_i^m
              + \mathbf W_m \bar{\mathbf x}_j^m

    What is dropped, masked and exchanged is drawn at random; of several modalities not the same one is masked and
    exchanged.

    Args:
        graph: the message graph; items need at least one modality.
        emb_dim: size D of the vectors.
        num_layers: rounds of propagation L.
        dropout: share of interactions that the first version lacks, in [0, 1).
        draw: how often the versions are drawn: once an "epoch", or anew for each "batch" as the authors' code does.

    Views:
        ``ego``: the two tables; while training, ``view.edge`` and ``view.mask``: the encodings of
        the two versions, and ``part.edge`` and ``part.mask``: what the exchanged modality adds to them (items).

    Raises:
        ValueError: if items have no modality or ``draw`` is not known; at the first epoch, if ``dropout`` is out of
            range.
    """

    needs_modalities = True
    cost = "heavy"

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        num_layers: int = 3,
        dropout: float = 0.05,
        draw: str = "epoch",
    ) -> None:
        super().__init__(graph)
        check_choice(draw, name="draw", allowed=("epoch", "batch"))
        self.make_tables(emb_dim)
        dims = feature_dims(item_features(graph))
        self.encoder = JointPropagation(dims, emb_dim=emb_dim, num_layers=num_layers)
        self.emb_dim = emb_dim
        self.dropout = dropout
        self.draw = draw
        self.num_hops = num_layers
        self.needs_full_graph = draw == "batch"  # degrees are counted on the edges that are left

    def training_graph(self, graph: HeteroData, epoch: int) -> HeteroData:
        """Draws the versions of this epoch, unless each batch has its own."""
        return self._altered(graph) if self.draw == "epoch" else graph

    def _altered(self, graph: HeteroData) -> HeteroData:
        """Draws which interactions go, which modality is masked by what numbers, and which one is exchanged."""
        altered = add_interactions(graph, drop_edges(graph, self.dropout), relation="kept")
        for side, table in (("user", self.user_table), ("item", self.item_table)):
            altered[side].mask = nn.init.xavier_uniform_(torch.empty_like(table, requires_grad=False))
        parts = (1 + torch.randperm(self.encoder.num_parts - 1)).tolist()  # part 0 are the ids
        altered.masked_part = parts[0]
        altered.swapped_part = parts[-1]
        return altered

    def leave_out(self, name: str, dims: Mapping[str, int]) -> None:
        """This modality's part of the maps that join."""
        self.encoder.leave_out(list(dims).index(name))

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes the input, and its two versions where the graph has them or a batch draws its own."""
        if self.training and self.draw == "batch":
            graph = self._altered(graph)
        ego = self.ego(graph)
        item = self.encoder.side_by_side(ego.item, item_features(graph))
        views: dict[str, View] = {"ego": ego}
        if ("user", "kept", "item") in graph.edge_types:
            versions = {
                "edge": self.encoder(ego.user, item, graph, relation="kept"),
                "mask": self.encoder.propagation(*self._mask(ego.user, item, graph), graph),
            }
            for name, parts in versions.items():
                views[f"view.{name}"] = self.encoder.join_when_read(parts)
                views[f"part.{name}"] = {"item": self._summand(parts.item, graph.swapped_part)}
        return Encoding(*self.encoder.join(self.encoder(ego.user, item, graph)), views)

    def _columns(self, part: int) -> slice:
        return slice(part * self.emb_dim, (part + 1) * self.emb_dim)

    def _mask(self, user: Tensor, item: Tensor, graph: HeteroData) -> Sides:
        masked = Sides(user.repeat(1, self.encoder.num_parts), item.clone())
        for side, x in masked._asdict().items():
            x[:, self._columns(graph.masked_part)] = graph[side].mask
        return masked

    def _summand(self, item: Tensor, part: int) -> Tensor:
        """What one part adds to the joined items."""
        columns = self._columns(part)
        return (item[:, columns] @ self.encoder.join_item.weight[:, columns].T).to(item.dtype)
