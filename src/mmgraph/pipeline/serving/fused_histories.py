"""Users of whom nothing is known but what they chose, for whatever a run ranks by."""

import torch
from jaxtyping import Int
from torch import Tensor

from mmgraph.extension import Histories
from mmgraph.models import Recommender
from mmgraph.models.scoring import Scorer
from mmgraph.pipeline.serving.content import Serving
from mmgraph.pipeline.serving.fusion import Fusion, fused_encoding
from mmgraph.typing import Encoding


class FusedHistories(Histories):
    """Each member of a fusion encodes the same histories in its own way.

    Args:
        fusion: what gives the scores.
        encoding: of the old users and items.
        edge_index: what the old users chose in training, users over items.

    Raises:
        ValueError: if a history says nothing to one of the members.
    """

    def __init__(self, fusion: Fusion, encoding: Encoding, edge_index: Int[Tensor, "2 edges"]) -> None:
        self.members = [
            _histories(member, fusion.member_encoding(encoding, number), edge_index)
            for number, member in enumerate(fusion.members)
        ]

    @torch.no_grad()
    def encode(self, history: Int[Tensor, "2 pairs"], num_users: int) -> Encoding:
        """As of :class:`Histories`."""
        return fused_encoding([member.encode(history, num_users) for member in self.members], history)


def histories_of(serving: Serving) -> Histories:
    """What encodes users by what they chose, for a run.

    Args:
        serving: what there is of it.

    Raises:
        ValueError: if a history says nothing to what it ranks by.
    """
    return _histories(serving.scorer, serving.encoding, serving.known["train"].pairs())


def _histories(scorer: Scorer | Recommender, encoding: Encoding, edge_index: Tensor) -> Histories:
    if isinstance(scorer, Fusion):
        return FusedHistories(scorer, encoding, edge_index)
    return Histories(scorer, encoding, edge_index)
