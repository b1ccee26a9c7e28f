"""What every loss term is."""

import math
from abc import ABC, abstractmethod
from typing import Protocol, runtime_checkable

from torch import Tensor, nn

from mmgraph.representation import settings_text
from mmgraph.typing import Encoding, Triplets


@runtime_checkable
class PairScorer(Protocol):
    """What loss terms ask of a model: scores of pairs."""

    def score_pairs(self, encoding: Encoding, user_idx: Tensor, item_idx: Tensor) -> Tensor:
        """Scores ``(B,)`` or ``(B, n)`` of users ``(B,)`` with items ``(B,)`` or ``(B, n)``."""
        ...


class LossTerm(nn.Module, ABC):
    """One summand of an objective.

    Args:
        weight: factor of the term in the objective, at least 0; with 0 or None the term is not computed.

    Raises:
        ValueError: if ``weight`` is negative or not finite.

    Example:
        >>> class UserSize(LossTerm):
        ...     def forward(self, model, encoding, batch):
        ...         return encoding.user.square().sum()
        >>> UserSize(weight=None).weight
        0.0
    """

    group: str = "main"
    """Which of the model's parameter groups minimises the term; the other groups do not follow its gradient."""
    needs_all_rows: bool = True
    """Whether it reads the vectors of more nodes than those in the batch."""

    def __init__(self, *, weight: float | None = 1.0) -> None:
        super().__init__()
        self.weight = 0.0 if weight is None else float(weight)
        if not 0 <= self.weight < math.inf:
            raise ValueError(
                f"weight={weight} of {type(self).__name__} must be finite and at least 0 (0: not computed)"
            )

    @abstractmethod
    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Value of the term for one step, before weighting.

        Args:
            model: gives the scores of pairs.
            encoding: what the model made of the step's graph.
            batch: the step's triplets, rows of that graph.

        Returns:
            A scalar.
        """

    def can_act(self, encoding: Encoding) -> bool:
        """Whether the term can be anything but 0 with a model's views; a contrast of modalities needs two of them."""
        return True

    def extra_repr(self) -> str:
        """Its settings, for ``print``."""
        return settings_text(self)
