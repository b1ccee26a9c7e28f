"""Where the history of a run goes: CSV and JSON files, TensorBoard."""

import csv
import json
import re
from pathlib import Path
from typing import Protocol, runtime_checkable

from mmgraph.files import atomic_write
from mmgraph.training.checkpoint import CHECKPOINT, Row

History = list[Row]

_PLAIN = re.compile(r"\w[\w.\-]*")
_TAKEN = (CHECKPOINT, "config.yaml", "report.json", "resumed.json", "wandb.json", "mlflow.json")


@runtime_checkable
class Log(Protocol):
    """Anything that can show a run's history."""

    def write(self, run_dir: Path, history: History) -> None:
        """Called after every epoch, and when a run is resumed, with all rows so far: no row may be there twice."""
        ...


@runtime_checkable
class OpenLog(Protocol):
    """A log that stays open while a run trains."""

    def close(self, *, failed: bool) -> None:
        """Called when the training has ended, or failed."""
        ...


def _plain_name(filename: str) -> str:
    """A name that stays in the run folder and is none of its other files: a config may come from a stranger."""
    if not _PLAIN.fullmatch(filename) or filename in _TAKEN:
        raise ValueError(
            f"filename={filename!r} must be a plain file name (letters, digits, '_', '-', '.'), not a path, "
            f"and none of {list(_TAKEN)}"
        )
    return filename


class CSVLog:
    """``metrics.csv``: a row per epoch.

    Args:
        filename: name of the file in the run folder; a plain one, no path.

    Raises:
        ValueError: for a name that leaves the run folder or is taken there.
    """

    def __init__(self, *, filename: str = "metrics.csv") -> None:
        self.filename = _plain_name(filename)

    def write(self, run_dir: Path, history: History) -> None:
        """Rewrites the file, whole or not at all."""
        columns = list(dict.fromkeys(name for row in history for name in row))
        with atomic_write(run_dir / self.filename) as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(history)


class JSONLog:
    """``metrics.json``: a list with an object per epoch.

    Args:
        filename: name of the file in the run folder; a plain one, no path.

    Raises:
        ValueError: for a name that leaves the run folder or is taken there.
    """

    def __init__(self, *, filename: str = "metrics.json") -> None:
        self.filename = _plain_name(filename)

    def write(self, run_dir: Path, history: History) -> None:
        """Rewrites the file, whole or not at all."""
        with atomic_write(run_dir / self.filename) as file:
            json.dump(history, file, indent=1)


class TensorBoardLog:
    """Curves in ``tensorboard/``; needs the extra: ``pip install -e ".[tensorboard]"``.

    Raises:
        ModuleNotFoundError: if TensorBoard is not installed.
    """

    def __init__(self) -> None:
        try:
            import tensorboard  # noqa: F401  # the logger would miss it after the first epoch
        except ImportError as error:
            raise ModuleNotFoundError(
                'logger=tensorboard needs tensorboard, which is not installed: pip install -e ".[tensorboard]"; '
                "logger=files needs nothing more"
            ) from error
        from lightning_fabric.loggers import TensorBoardLogger  # heavy, and an extra

        self._create = TensorBoardLogger

    def write(self, run_dir: Path, history: History) -> None:
        """Adds the newest row, in the place of one that is there already."""
        row = dict(history[-1])
        epoch = int(row.pop("epoch"))
        logger = self._create(root_dir=run_dir, name="tensorboard", version="", purge_step=epoch)
        logger.log_metrics(row, step=epoch)
        logger.finalize("success")
