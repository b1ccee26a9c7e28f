"""What a training leaves in its run folder after every epoch, and finds there again."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lightning_fabric import Fabric
from torch import nn

from mmgraph.files import atomic_write, signals_held
from mmgraph.processes.replicas import Replicas
from mmgraph.processes.shards import Shards
from mmgraph.training.checkpoint import (
    CHECKPOINT,
    Stateful,
    TrainingState,
    checkpoint_content,
    load_content,
    read_checkpoint,
    write_content,
)
from mmgraph.training.log import Log, OpenLog
from mmgraph.training.sharded_checkpoint import FOLDER, divided, remove_other_shards, write_shards

RESUMED = "resumed.json"
"""The file in a run's folder that says where it was cut off and gone on with."""


class Saving:
    """The checkpoint and the logs of a run; the first process writes them, all read the checkpoint.

    Args:
        fabric: distinguishes the processes.
        run_dir: the run's folder; None: nothing is kept.
        logs: where the history goes.
        held: how the processes hold the parameters; by default each all of them.
    """

    def __init__(self, fabric: Fabric, run_dir: Path | None, logs: Sequence[Log], held: Replicas | None = None) -> None:
        self.fabric = fabric
        self.run_dir = run_dir
        self.logs = logs
        self.held = held

    def resume(self, model: nn.Module, optimizers: Stateful) -> TrainingState:
        """Puts model and optimisers back to where a run ended, if there is one, and its last row into the logs.

        A kill between checkpoint and logs would leave the row out, for good if no epoch is left to run.
        """
        # The first process decides: elsewhere the folder may not be there, and half the job would start anew.
        if self.run_dir is None or not self.fabric.broadcast((self.run_dir / CHECKPOINT).exists()):
            return TrainingState()
        path = self.run_dir / CHECKPOINT
        state = load_content(path, self._read(path), model, optimizers)
        if self.fabric.is_global_zero:
            _note_resumed(self.run_dir, state.next_epoch)
            self._log(self.run_dir, state)
        return state

    def save(self, state: TrainingState, model: nn.Module, optimizers: Stateful) -> None:
        """Writes checkpoint and logs; a signal waits until both are there."""
        shares = isinstance(self.held, Shards)
        if self.run_dir is None or not (shares or self.fabric.is_global_zero):
            return
        content = checkpoint_content(state, model, optimizers)
        with signals_held():
            if shares:
                content = write_shards(self.run_dir / f"{FOLDER}-{state.next_epoch}", content)
            if self.fabric.is_global_zero:
                write_content(self.run_dir / CHECKPOINT, content)
                remove_other_shards(self.run_dir, content.get(FOLDER))
                self._log(self.run_dir, state)

    def _read(self, path: Path) -> dict[str, Any]:
        if not isinstance(self.held, Shards):
            return read_checkpoint(path)
        return divided(read_checkpoint(path, self.held.empty), self.held.names, self.held.divide)

    def __enter__(self) -> "Saving":
        """Nothing is opened before there is something to write."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        """Closes the logs that stay open while a run trains."""
        for log in self.logs if self.fabric.is_global_zero else ():
            if isinstance(log, OpenLog):
                log.close(failed=kind is not None)

    def _log(self, run_dir: Path, state: TrainingState) -> None:
        for log in self.logs if state.history else ():
            log.write(run_dir, state.history)


def read_resumed(run_dir: Path) -> list[int]:
    """The epochs with which a run was gone on, each time it had been cut off; none where it never was.

    Raises:
        ValueError: if the file is damaged.
    """
    path = run_dir / RESUMED
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged ({error}): delete it, and the run goes on") from error
    if not isinstance(found, list) or not all(isinstance(epoch, int) for epoch in found):
        raise ValueError(f"{path} is damaged, it must hold a list of epochs: delete it, and the run goes on")
    return found


def _note_resumed(run_dir: Path, epoch: int) -> None:
    epochs = [*read_resumed(run_dir), epoch]
    with atomic_write(run_dir / RESUMED) as file:
        json.dump(epochs, file)
