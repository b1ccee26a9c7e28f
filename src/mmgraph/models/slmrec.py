"""SLMRec: self-supervised multimedia recommendation (Tao et al., TMM 2022, https://doi.org/10.1109/TMM.2022.3187556)."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.losses.functional import check_choice
from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import JointPropagation, feature_dims, xavier_matrices_
from mmgraph.typing import Encoding, Sides, View

TASKS = ("fac", "fd", "fm", "fd+fm")


class SLMRec(Recommender):
    r"""Ids and modalities propagated side by side and joined; a second task predicts one part from another.

    With :math:`\bar{\mathbf x}^m` of :class:`mmgraph.nn.JointPropagation` and its modalities in their order:

    - ``fac``, fine and coarse: :math:`\mathbf a^0 = \bar{\mathbf x}_i^{id}, \mathbf a^m = \mathbf G^m \mathbf a^{m-1} +
      \mathbf g^m` should find :math:`\mathbf H^m \bar{\mathbf x}_i^m` of the same item;
    - ``fd``, feature dropout: two encodings whose layers have lost numbers should find each other;
    - ``fm``, feature masking: so should two that each lack one part, ids or a modality; ``fd+fm``: both at once.

    Args:
        graph: the message graph; items need at least one modality.
        emb_dim: size D of the vectors.
        num_layers: rounds of propagation L.
        task: the second task, one of the four.
        dropout: share of numbers lost in each layer of ``fd``, in [0, 1).

    Views:
        ``final``: while training, made for the nodes of the batch alone;
        ``coarse.<name>`` and ``fine.<name>``: a and its partner (items); ``first`` and ``second``: the two encodings.
        While training, those of the task; the others, and all in ranking, are empty.

    Raises:
        ValueError: if items have no modality, ``task`` is not known or ``dropout`` is out of range.
    """

    needs_modalities = True
    cost = "medium"

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        num_layers: int = 3,
        task: str = "fac",
        dropout: float = 0.3,
    ) -> None:
        super().__init__(graph)
        check_choice(task, name="task", allowed=TASKS)
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout={dropout} must be in [0, 1)")
        self.make_tables(emb_dim)
        dims = feature_dims(item_features(graph))
        self.encoder = JointPropagation(dims, emb_dim=emb_dim, num_layers=num_layers)
        self.names = list(dims)
        self.task = task
        self.dropout = dropout
        self.num_hops = num_layers
        # The last of several modalities is compared in half the dimensions, as in the official code.
        sizes = {name: emb_dim // 2 if 0 < i == len(dims) - 1 else emb_dim for i, name in enumerate(dims)}
        sizes = sizes if task == "fac" else {}
        self.to_coarse = nn.ModuleDict({name: nn.Linear(emb_dim, size) for name, size in sizes.items()})
        # The official maps of the modalities have a bias, which cancels in the softmax over items.
        self.to_fine = nn.ModuleDict({name: nn.Linear(emb_dim, size, bias=False) for name, size in sizes.items()})
        self.draw_parameters()

    def draw_parameters(self) -> None:
        """Draws the matrices of the second task by Xavier's uniform rule."""
        xavier_matrices_(self.to_coarse, self.to_fine)

    def leave_out(self, name: str, dims: Mapping[str, int]) -> None:
        """This modality's part of the maps that join."""
        self.encoder.leave_out(list(dims).index(name))

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes and joins all parts; while training, also what the second task compares."""
        ego = self.ego(graph)
        item = self.encoder.side_by_side(ego.item, item_features(graph))
        parts = self.encoder(ego.user, item, graph)
        views: dict[str, View] = {f"{kind}.{name}": {} for kind in ("coarse", "fine") for name in self.names}
        views |= {"first": {}, "second": {}}
        if self.training:
            views["final"] = self.encoder.join_when_read(parts)
            if self.task == "fac":
                views |= self.fine_and_coarse(parts.item)
            else:
                views |= self.two_views(Sides(ego.user.repeat(1, self.encoder.num_parts), item), graph)
        return Encoding(*self.encoder.join(parts), views)

    def fine_and_coarse(self, item: Tensor) -> dict[str, View]:
        """Ids carried from modality to modality, and each modality in the space where the two meet."""
        coarse, *parts = item.chunk(self.encoder.num_parts, dim=1)
        views: dict[str, View] = {}
        for name, part in zip(self.names, parts, strict=True):
            coarse = self.to_coarse[name](coarse).to(part.dtype)
            views[f"coarse.{name}"] = {"item": coarse}
            views[f"fine.{name}"] = {"item": self.to_fine[name](part).to(part.dtype)}
        return views

    def two_views(self, start: Sides, graph: HeteroData) -> dict[str, View]:
        """The encoding twice: without another part each, with other numbers lost, or both."""
        masked = torch.randperm(self.encoder.num_parts).tolist()
        views: dict[str, View] = {}
        for name, part in zip(("first", "second"), masked, strict=False):
            views[name] = self.encoder.join(self._augment(start, graph, part))
        return views

    def _augment(self, start: Sides, graph: HeteroData, masked: int) -> Sides:
        user, item = start
        if "fm" in self.task:
            parts = list(item.chunk(self.encoder.num_parts, dim=1))
            parts[masked] = torch.zeros_like(parts[masked])
            item = torch.cat(parts, dim=1)
        propagation = self.encoder.propagation
        rate = self.dropout if "fd" in self.task else 0.0
        return propagation(user, item, graph, refine=lambda x: Sides(F.dropout(x.user, rate), F.dropout(x.item, rate)))
