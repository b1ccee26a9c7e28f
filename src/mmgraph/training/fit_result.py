"""What a training came to."""

from typing import NamedTuple

from mmgraph.training.checkpoint import Row


class FitResult(NamedTuple):
    """How a training ended; the model holds the best weights.

    Attributes:
        best_epoch: epoch of the best validation metric; None for a model that is fitted in closed form.
        val: all validation metrics of that epoch.
        history: one row per epoch: ``epoch``, ``loss/<name>``, ``val/<metric>``, ``seconds``, ``evaluation_seconds``.
    """

    best_epoch: int | None
    val: dict[str, float]
    history: list[Row]
