"""How far users and items belong to the hyperedges of a trained model."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.evaluation.evaluator import evaluation_mode
from mmgraph.models import Recommender
from mmgraph.models.base import item_features
from mmgraph.nn import HypergraphPropagation
from mmgraph.typing import Encoding


class Memberships(NamedTuple):
    """Soft memberships in the hyperedges of one modality; rows sum to 1.

    Attributes:
        user: of the users ``(users, hyperedges)``.
        item: of the items ``(items, hyperedges)``.
    """

    user: Float[Tensor, "users hyperedges"]
    item: Float[Tensor, "items hyperedges"]


def encode_with_memberships(model: Recommender, graph: HeteroData) -> tuple[Encoding, dict[str, Memberships]]:
    """Encodes once more, in evaluation mode, and keeps what items and users chose, by modality.

    Args:
        model: one with a :class:`~mmgraph.nn.HypergraphPropagation` that runs for each modality: LGMRec, MGNM.
        graph: the message graph.

    Raises:
        ValueError: if the model has none.
    """
    part = getattr(model, "hypergraph", None)
    if not isinstance(part, HypergraphPropagation):
        raise ValueError(
            f"{type(model).__name__} as it is set has no hyperedges that items choose by their features; models that "
            "have: lgmrec (with its global part) and mgnm"
        )
    chosen: list[Tensor] = []

    def keep(module: nn.Module, given: object, memberships: Tensor) -> None:
        chosen.append(memberships.cpu())

    handle = part.assign.register_forward_hook(keep)
    try:
        with torch.no_grad(), evaluation_mode(model):
            encoding = model(model.inference_graph(graph))
    finally:
        handle.remove()
    # The items choose first, then their users, modality by modality.
    pairs = zip(item_features(graph), chosen[::2], chosen[1::2], strict=True)
    return encoding, {name: Memberships(user, item) for name, item, user in pairs}
