"""One file from which a killed run goes on."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import IO, Any, Protocol, get_origin, get_type_hints, runtime_checkable

import torch
from torch import Tensor, nn

from mmgraph.files import atomic_write
from mmgraph.training.sharded_checkpoint import FOLDER, Make, read_shards

CHECKPOINT = "checkpoint.pt"
"""The file in a run's folder that holds its state."""


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
Row = dict[str, float]
"""What an epoch came to: its number, losses, seconds and, if it was evaluated, validation metrics."""


@dataclass
class TrainingState:
    """What is known between two epochs; python scalars and tensors only.

    Attributes:
        next_epoch: the epoch to run next, from 0.
        best_epoch: epoch of the best validation metric so far; -1 before the first evaluation.
        best_metrics: all validation metrics of that epoch.
        best_weights: the weights after that epoch.
        stale_evaluations: evaluations since then.
        history: one row per epoch: losses by name, validation metrics if it was evaluated, seconds.
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
        """Adds an epoch to the history and keeps its weights if it is the best so far; returns whether it is.

        Args:
            losses: the epoch's losses by name.
            metrics: its validation metrics; empty if it was not evaluated.
            seconds: what it took, by name.
            monitor: the metric that epochs are compared by.
            model: has the weights after the epoch.
        """
        row = {"epoch": self.next_epoch, **{f"loss/{name}": value for name, value in losses.items()}}
        self.history.append({**row, **{f"val/{name}": value for name, value in metrics.items()}, **seconds})
        epoch = self.next_epoch
        self.next_epoch += 1
        if not metrics:
            return False
        best = not self.best_metrics or metrics[monitor] > self.best_metrics[monitor]
        self.stale_evaluations = 0 if best else self.stale_evaluations + 1
        if best:
            self.best_epoch = epoch
            self.best_metrics = metrics
            self.best_weights = copy_weights(model)
        return best


def copy_weights(model: nn.Module) -> Weights:
    """The weights as they are now, on the CPU, safe from later steps."""
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in model.state_dict().items()}


def save_checkpoint(path: Path, state: TrainingState, model: nn.Module, optimizer: Stateful) -> None:
    """Writes everything a resumed run needs, whole or not at all."""
    write_content(path, checkpoint_content(state, model, optimizer))


def checkpoint_content(state: TrainingState, model: nn.Module, optimizer: Stateful) -> dict[str, Any]:
    """Everything a resumed run needs."""
    fields = {item.name: getattr(state, item.name) for item in dataclass_fields(state)}
    return {"state": fields, "model": model.state_dict(), "optimizer": optimizer.state_dict()}


def write_content(path: Path, content: Mapping[str, Any]) -> None:
    """Writes what :func:`checkpoint_content` gives, whole or not at all."""
    with atomic_write(path, "wb") as file:
        try:
            torch.save(dict(content), file)
        except RuntimeError as error:
            if isinstance(error.__context__, OSError):  # torch's writer hides the reason: a full disk
                raise error.__context__ from None
            raise


def read_checkpoint(path: Path, make: Make | None = None) -> dict[str, Any]:
    """Reads what :func:`save_checkpoint` wrote, without unpickling anything but tensors and python scalars.

    Args:
        path: the file; the folder that it may name is read too.
        make: room for the tensors in that folder; by default for all of their rows.

    Returns:
        ``state``: the fields of a :class:`TrainingState`; ``model`` and ``optimizer``: their states.

    Raises:
        ValueError: if the file is not such a checkpoint, or not as it was written.
        OSError: if it cannot be opened.
    """
    with path.open("rb") as file:
        try:
            _check_records(file, path.stat().st_size)
            saved = torch.load(file, map_location="cpu", weights_only=True)
            if isinstance(saved, dict) and FOLDER in saved:
                saved = read_shards(path.parent, saved, make)
            _check_content(saved)
        except MemoryError:
            raise
        except Exception as error:  # zipfile and torch raise nearly anything, depending on the byte that is wrong
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            raise ValueError(
                f"{path} is not a checkpoint that mmgraph wrote, or it is damaged ({reason}); "
                "delete it to start the run from the beginning"
            ) from error
    return saved


def _check_records(file: IO[bytes], size: int) -> None:
    """Compares every record of the file with its CRC-32, which torch writes and does not read."""
    with zipfile.ZipFile(file) as records:
        found = records.infolist()
        if any(record.compress_type != zipfile.ZIP_STORED for record in found):
            raise ValueError("a record is compressed, which torch never does")
        if sum(record.file_size for record in found) > size:
            raise ValueError("its records are larger than the file")
        if damaged := records.testzip():
            raise ValueError(f"the record {damaged} is not what was written")
    file.seek(0)


def _check_content(saved: Any) -> None:
    """Every part must be there and of its type."""
    _check_types("checkpoint", saved, {"state": dict, "model": dict, "optimizer": dict})
    state = saved["state"]
    hints = get_type_hints(TrainingState)
    _check_types("state", state, {name: get_origin(hint) or hint for name, hint in hints.items()})
    for place, values, kind in (
        ("model", saved["model"].values(), Tensor),
        ("best_weights", state["best_weights"].values(), Tensor),
        ("best_metrics", state["best_metrics"].values(), float),
        ("history", state["history"], dict),
    ):
        if not all(isinstance(value, kind) for value in values):
            raise ValueError(f"{place} must hold values of type {kind.__name__} only")


def _check_types(place: str, found: Any, types: Mapping[str, type]) -> None:
    names = list(found) if isinstance(found, Mapping) else type(found).__name__
    if not isinstance(found, Mapping) or found.keys() != types.keys():
        raise ValueError(f"the {place} must hold {list(types)}, got {names}")
    for key, kind in types.items():
        if not isinstance(found[key], kind):
            raise ValueError(f"{place}[{key!r}] must be of type {kind.__name__}, got {type(found[key]).__name__}")


def load_weights(path: Path, weights: Weights, model: nn.Module) -> None:
    """Gives ``model`` the weights that were read from ``path``.

    Raises:
        ValueError: if they are another model's; names the first that does not fit.
    """
    own = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    saved = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    if wrong := sorted(name for name in own.keys() | saved.keys() if own.get(name) != saved.get(name)):
        name = wrong[0]
        raise ValueError(
            f"{path} holds the weights of another model, or of another version of this one ({len(wrong)} differ): "
            f"{name} has the shape {own.get(name, 'absent')} in the model, {saved.get(name, 'absent')} in the file"
        )
    model.load_state_dict(weights)


def load_checkpoint(path: Path, model: nn.Module, optimizer: Stateful) -> TrainingState:
    """Puts weights and optimiser back to where they were, and returns the state.

    Raises:
        ValueError: if the file is damaged or belongs to another model.
    """
    return load_content(path, read_checkpoint(path), model, optimizer)


def load_content(path: Path, saved: Mapping[str, Any], model: nn.Module, optimizer: Stateful) -> TrainingState:
    """Puts weights and optimiser back to where they were by what was read from ``path``, and returns the state.

    Raises:
        ValueError: if it belongs to another model.
    """
    state = TrainingState(**saved["state"])
    if state.best_weights:
        load_weights(path, state.best_weights, model)
    load_weights(path, saved["model"], model)
    try:
        optimizer.load_state_dict(saved["optimizer"])
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{path} does not fit the optimisers of this run: {error}") from error
    return state
