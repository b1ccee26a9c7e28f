"""One file from which a killed run goes on."""

import pickle
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from mmgraph.files import atomic_write

CHECKPOINT = "checkpoint.pt"


@runtime_checkable
class Stateful(Protocol):
    """An optimiser, or several."""

    def state_dict(self) -> dict[str, Any]:
        """Python scalars and tensors."""
        ...

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Puts it back to where it was."""
        ...


Weights = dict[str, Tensor]
Row = dict[str, float | int]
"""What an epoch came to: its number, losses, validation metrics and seconds."""


@dataclass
class TrainingState:
    """What is known between two epochs; python scalars and tensors only.

    Attributes:
        next_epoch: the epoch to run next, from 0.
        best_epoch: epoch of the best validation metric so far; -1 before the first.
        best_metrics: all validation metrics of that epoch.
        best_weights: the weights after that epoch.
        stale_evaluations: evaluations since then.
        history: one row per epoch: losses by name, validation metrics, seconds.
    """

    next_epoch: int = 0
    best_epoch: int = -1
    best_metrics: dict[str, float] = field(default_factory=dict)
    best_weights: Weights = field(default_factory=dict)
    stale_evaluations: int = 0
    history: list[Row] = field(default_factory=list)

    def record(
        self,
        losses: dict[str, float],
        metrics: dict[str, float],
        seconds: dict[str, float],
        *,
        monitor: str,
        model: nn.Module,
    ) -> bool:
        """Adds an epoch to the history and keeps its weights if it is the best so far; returns whether it is."""
        row = {"epoch": self.next_epoch, **{f"loss/{name}": value for name, value in losses.items()}}
        self.history.append({**row, **{f"val/{name}": value for name, value in metrics.items()}, **seconds})
        best = not self.best_metrics or metrics[monitor] > self.best_metrics[monitor]
        self.stale_evaluations = 0 if best else self.stale_evaluations + 1
        if best:
            self.best_epoch, self.best_metrics, self.best_weights = self.next_epoch, metrics, copy_weights(model)
        self.next_epoch += 1
        return best


def copy_weights(model: nn.Module) -> Weights:
    """The weights as they are now, on the CPU, safe from later steps."""
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in model.state_dict().items()}


def save_checkpoint(path: Path, state: TrainingState, model: nn.Module, optimizer: Stateful) -> None:
    """Writes everything a resumed run needs, whole or not at all."""
    fields = {name: getattr(state, name) for name in asdict(TrainingState())}
    with atomic_write(path, "wb") as file:
        try:
            torch.save({"state": fields, "model": model.state_dict(), "optimizer": optimizer.state_dict()}, file)
        except RuntimeError as error:
            if isinstance(error.__context__, OSError):  # torch's writer hides the reason: a full disk
                raise error.__context__ from None
            raise


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Reads what :func:`save_checkpoint` wrote, without unpickling anything but tensors and python scalars.

    Raises:
        ValueError: if the file is not such a checkpoint.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, zipfile.BadZipFile, RuntimeError, EOFError, KeyError) as error:
        raise ValueError(
            f"{path} is not a checkpoint that mmgraph wrote, or it is damaged ({type(error).__name__}: {error}); "
            "delete it to start the run from the beginning"
        ) from error


def load_checkpoint(path: Path, model: nn.Module, optimizer: Stateful) -> TrainingState:
    """Puts weights and optimiser back to where they were, and returns the state.

    Raises:
        ValueError: if the file is damaged or belongs to another model.
    """
    saved = read_checkpoint(path)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    return TrainingState(**saved["state"])
