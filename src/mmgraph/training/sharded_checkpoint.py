"""The tensors of a checkpoint that several processes write, each its own rows, and that any number of them opens.

``checkpoint.pt`` then holds the shapes alone, and names the folder beside it in which the rows lie: safetensors,
written and read by ``torch.distributed.checkpoint``. Nothing in it is pickled.
"""

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.tensor import DTensor

from mmgraph.processes.divided import together, world

FOLDER = "shards"
"""The entry of a checkpoint that names the folder of its tensors."""

Make = Callable[[Tensor], Tensor]
"""Room for a tensor of the shape and type of one that has no numbers."""


def check_shards() -> None:
    """Refuses to divide what could not be written.

    Raises:
        ImportError: if safetensors is missing, or torch is older than its writer of them.
    """
    import safetensors  # noqa: F401  # an extra, which torch would miss after the first epoch
    import torch.distributed.checkpoint as distributed_checkpoint

    if not hasattr(distributed_checkpoint, "HuggingFaceStorageWriter"):
        raise ImportError(
            f"trainer.shard=true needs torch 2.9 or newer, for its checkpoints; this is {torch.__version__}"
        )


def write_shards(folder: Path, content: dict[str, Any]) -> dict[str, Any]:
    """Writes the divided tensors of ``content`` into ``folder``; every process calls it.

    Returns:
        The content with tensors of no numbers, on torch's device ``meta``, in their place; and the folder's name.

    Raises:
        OSError: if they cannot be written.
        ConnectionError: if another process is gone.
    """
    from torch.distributed.checkpoint import CheckpointException, HuggingFaceStorageWriter, save

    tensors: dict[str, Tensor] = {}

    def take(place: str, value: Any) -> Any:
        if not isinstance(value, DTensor):
            return value
        tensors[place] = value
        return torch.empty(value.shape, dtype=value.dtype, device="meta")

    emptied = _changed(content, take)
    if world()[0] == 0:
        shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed here, perhaps one of more
    with together():
        dist.barrier()
        try:
            save(tensors, storage_writer=HuggingFaceStorageWriter(str(folder), save_distributed=True))
        except CheckpointException as error:
            raise _first_failure(error, folder) from error
    return {**emptied, FOLDER: folder.name}


def _first_failure(error: Any, folder: Path) -> OSError:
    rank, (failure, _) = min(error.failures.items())
    number = failure.errno if isinstance(failure, OSError) else None
    return OSError(number, f"process {rank} could not write {folder} ({failure}); the last checkpoint is untouched")


def remove_other_shards(run_dir: Path, kept: str | None) -> None:
    """Removes the folders of earlier checkpoints."""
    for folder in run_dir.glob(f"{FOLDER}-*"):
        if folder.name != kept:
            shutil.rmtree(folder, ignore_errors=True)


def read_shards(run_dir: Path, content: dict[str, Any], make: Make | None = None) -> dict[str, Any]:
    """Reads what :func:`write_shards` wrote, whatever the number of processes was or is.

    Args:
        run_dir: where the folder lies.
        content: what was returned.
        make: room for each tensor; by default for all rows of it.

    Raises:
        ValueError: if the folder does not hold these tensors.
    """
    from torch.distributed.checkpoint import CheckpointException, HuggingFaceStorageReader, load

    name = content[FOLDER]
    if not isinstance(name, str) or Path(name).name != name or not (run_dir / name).is_dir():
        raise ValueError(f"the folder {name!r} of its tensors is not there")
    reader = HuggingFaceStorageReader(str(run_dir / name))
    stored = reader.read_metadata().state_dict_metadata
    tensors: dict[str, Tensor] = {}

    def fill(place: str, value: Any) -> Any:
        if not (isinstance(value, Tensor) and value.is_meta):
            return value
        _check_stored(place, stored.get(place), value)
        tensors[place] = torch.empty_like(value, device="cpu") if make is None else make(value)
        return tensors[place]

    filled = _changed({key: part for key, part in content.items() if key != FOLDER}, fill)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="torch.distributed is disabled")  # it need not run
            load(tensors, storage_reader=reader, no_dist=True)
    except CheckpointException as error:  # no Exception, to Python
        raise ValueError(f"{name}: {error}") from error
    return filled


def _check_stored(place: str, stored: Any, wanted: Tensor) -> None:
    """Before there is room made for anything: a file may state any shape."""
    if stored is None or stored.size != wanted.shape or stored.properties.dtype != wanted.dtype:
        raise ValueError(f"the tensor {place} is not there, or of another shape or type")
    if sum(chunk.sizes.numel() for chunk in stored.chunks) != wanted.numel():
        raise ValueError(f"rows of the tensor {place} are missing")


def _changed(tree: Any, change: Callable[[str, Any], Any], place: str = "") -> Any:
    """A tree of dictionaries and lists with its leaves changed, of which each has a place such as ``model/weight``."""
    if isinstance(tree, dict):
        return {key: _changed(value, change, f"{place}/{key}".lstrip("/")) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_changed(value, change, f"{place}/{number}") for number, value in enumerate(tree)]
    return change(place, tree)


def divided(content: dict[str, Any], names: set[str], divide: Make) -> dict[str, Any]:
    """A checkpoint of one process with the tensors that several divide among them: parameters and their moments.

    Args:
        content: what :func:`mmgraph.training.checkpoint.read_checkpoint` gives.
        names: those of the parameters.
        divide: gives a process its part.
    """

    def of_weights(place: str, value: Any) -> Any:
        return divide(value) if place in names and not isinstance(value, DTensor) else value

    def of_optimizer(place: str, value: Any) -> Any:
        is_moment = isinstance(value, Tensor) and value.dim() > 0 and not isinstance(value, DTensor)
        return divide(value) if is_moment else value

    state = content["state"]
    return {
        "state": {**state, "best_weights": _changed(state["best_weights"], of_weights)},
        "model": _changed(content["model"], of_weights),
        "optimizer": _changed(content["optimizer"], of_optimizer),
    }
