"""LLMRec: graph augmentation by language models (Wei et al., WSDM 2024, https://arxiv.org/abs/2311.00423)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import (
    AlternatingPropagation,
    ModalityProjection,
    add_sides,
    feature_dims,
    normalize_sides,
    scale_sides,
    xavier_matrices_,
)
from mmgraph.transforms import PREFERS, REJECTS
from mmgraph.typing import Encoding, Sides, View


class LLMRec(Recommender):
    r"""Propagation on ids, plus content and a language model's words on users and items, sent along interactions.

    Vectors of items reach users and come back, those of users go the other way round, each sum over the root of the
    number of neighbours; with what that makes of features f, profile p and attributes a:

    .. math:: \mathbf e = \bar{\mathbf x} + \omega_1 \sum_m \mathrm{norm}(\mathbf f^m) + \omega_2\,
              \mathrm{norm}(\mathbf p) + \omega_3 \sum_a \mathrm{norm}(\mathbf a^a)

    for users and items alike, :math:`\bar{\mathbf x}` being the mean of layers of
    :class:`mmgraph.nn.AlternatingPropagation`. In training a share of nodes has its profile
    or attributes masked by their mean; decoders restore them from what comes back.

    Args:
        graph: the message graph with an augmentation (``graph=llmrec``); items need at least one modality.
        emb_dim: size D of the vectors.
        num_layers: rounds of propagation on ids.
        feature_dropout: dropout of everything projected, in [0, 1).
        mask_rate: share of nodes masked in training, in [0, 1); 0: none, and nothing to restore.
        modality_rate: :math:`\omega_1`.
        profile_rate: :math:`\omega_2`.
        attribute_rate: :math:`\omega_3`.

    Views:
        ``ego``: the two tables; ``modal.<name>``, ``profile``, ``attribute.<name>``: what was sent, users and items;
        ``pairs``: guessed triplets; while training ``restored.*`` and ``original.*``: profile and attributes of the
        masked nodes.

    Raises:
        ValueError: if items have no modality, the graph has no augmentation, or a number is out of range.
    """

    needs_modalities = True
    cost = "medium"
    needs_full_graph = True  # guessed triplets are of all users

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        num_layers: int = 2,
        feature_dropout: float = 0.0,
        mask_rate: float = 0.1,
        modality_rate: float = 0.02,
        profile_rate: float = 2.8,
        attribute_rate: float = 0.005,
    ) -> None:
        super().__init__(graph, reads=[PREFERS, REJECTS])
        if not (0 <= feature_dropout < 1 and 0 <= mask_rate < 1):
            raise ValueError(f"feature_dropout={feature_dropout} and mask_rate={mask_rate} must be in [0, 1)")
        self.make_tables(emb_dim)
        profile = feature_dims({"profile": graph["user"].profile})
        attribute = feature_dims(attributes(graph))
        self.project = ModalityProjection(feature_dims(item_features(graph)), emb_dim=emb_dim)
        self.project_profile = ModalityProjection(profile, emb_dim=emb_dim)
        self.project_attribute = ModalityProjection(attribute, emb_dim=emb_dim)
        self.decode_profile = nn.Linear(emb_dim, profile["profile"])
        self.decode_attribute = nn.ModuleDict({name: nn.Linear(emb_dim, dim) for name, dim in attribute.items()})
        self.propagation = AlternatingPropagation(num_layers)
        self.feature_dropout = feature_dropout
        self.mask_rate = mask_rate
        self.modality_rate = modality_rate
        self.profile_rate = profile_rate
        self.attribute_rate = attribute_rate
        self.draw_parameters()

    def draw_parameters(self) -> None:
        """Draws the matrices of all projections by Xavier's uniform rule."""
        xavier_matrices_(self.project, self.project_profile, self.project_attribute)

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes ids, content and what was written."""
        ego = self.ego(graph)
        users = self._draw(self.num_users)
        items = self._draw(self.num_items)
        modal = {name: self._send_items(z, graph) for name, z in self.project(item_features(graph)).items()}
        original = attributes(graph)
        shown = {name: _mask(x, items) for name, x in original.items()}
        attribute = {name: self._send_items(z, graph) for name, z in self.project_attribute(shown).items()}
        projected = self.project_profile({"profile": _mask(graph["user"].profile, users)})
        profile = self._send_users(projected["profile"], graph)
        summands = [(sides, self.modality_rate) for sides in modal.values()]
        summands.append((profile, self.profile_rate))
        summands += [(sides, self.attribute_rate) for sides in attribute.values()]
        final = self.propagation(*ego, graph)
        for sides, rate in summands:
            final = add_sides([final, scale_sides(normalize_sides(sides), rate)])
        views: dict[str, View] = {"ego": ego, "profile": profile, "pairs": _pairs(graph)}
        views |= {f"modal.{name}": sides for name, sides in modal.items()}
        views |= {f"attribute.{name}": sides for name, sides in attribute.items()}
        if self.training:
            guess = self.decode_profile(profile.user.index_select(0, users))
            views |= _restoration("profile", "user", guess, graph["user"].profile[users])
            for name, (_, item) in attribute.items():
                guess = self.decode_attribute[name](item.index_select(0, items))
                views |= _restoration(f"attribute.{name}", "item", guess, original[name][items])
        return Encoding(final.user, final.item, views)

    def _send_items(self, item: Tensor, graph: HeteroData) -> Sides:
        """Vectors of items reach users and come back."""
        return self.propagation.exchange(F.dropout(item, self.feature_dropout, self.training), graph)

    def _send_users(self, user: Tensor, graph: HeteroData) -> Sides:
        """Vectors of users reach items and come back."""
        item = self.propagation.users_to_items(F.dropout(user, self.feature_dropout, self.training), graph)
        return Sides(self.propagation.items_to_users(item, graph), item)

    def _draw(self, num_nodes: int) -> Tensor:
        """The nodes masked in this step: at least one, unless ranking or without masks."""
        count = max(1, int(self.mask_rate * num_nodes)) if self.training and self.mask_rate > 0 else 0
        return torch.randperm(num_nodes, device=self.user_table.device)[:count]


def attributes(graph: HeteroData) -> dict[str, Tensor]:
    """What was written of the items, by attribute: every ``attribute_<name>`` of the item store."""
    prefix = "attribute_"
    return {key.removeprefix(prefix): value for key, value in graph["item"].items() if key.startswith(prefix)}


def _restoration(name: str, side: str, guess: Tensor, truth: Tensor) -> dict[str, View]:
    """Both views of one feature of the masked nodes; empty ones, which add nothing to a loss, where there are none."""
    if not len(truth):
        return {f"restored.{name}": {}, f"original.{name}": {}}
    return {f"restored.{name}": {side: guess}, f"original.{name}": {side: truth}}


def _mask(x: Tensor, rows: Tensor) -> Tensor:
    """A copy in which some rows are the mean of all."""
    return x.index_copy(0, rows, x.mean(0).expand(rows.numel(), -1)) if rows.numel() else x


def _pairs(graph: HeteroData) -> View:
    user, liked = graph[PREFERS].edge_index
    return {"user": user, "liked": liked, "disliked": graph[REJECTS].edge_index[1]}
