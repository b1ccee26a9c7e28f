"""What a training came to."""

from typing import NamedTuple

from mmgraph.evaluation import Evaluation
from mmgraph.training.checkpoint import Row


class FitResult(NamedTuple):
    """How a training ended; the model holds the best weights.

    Attributes:
        best_epoch: epoch of the best validation metric; None for a model that is fitted in closed form.
        val: all validation metrics of that epoch, over all users.
        history: one row per epoch: ``epoch``, ``loss/<name>``, ``seconds``; if the epoch was evaluated ``val/<metric>``
            and ``evaluation_seconds``.
        sampled: the metrics by which that epoch was chosen, where they are of a sample of the users; else None.
        ranked: the ranking behind ``val`` where the end needed one: of closed forms, and after samples; else None.
    """

    best_epoch: int | None
    val: dict[str, float]
    history: list[Row]
    sampled: dict[str, float] | None = None
    ranked: Evaluation | None = None
