"""Which run of a tracking service a run folder's run is, and how much of it is there: a small file in the folder."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from mmgraph.config.stored import read_config
from mmgraph.files import atomic_write
from mmgraph.training.checkpoint import Row

_ID = re.compile(r"[\w\-]{1,64}", re.ASCII)
_CONFIG = "config.yaml"


@dataclass
class TrackedRun:
    """A run as a tracking service knows it.

    Args:
        id: the service's name for it.
        next_epoch: the first epoch that the service has not been given.
    """

    id: str
    next_epoch: int = 0

    def take(self, history: Sequence[Row]) -> list[Row]:
        """The rows that the service has not been given; they count as given from here on.

        >>> run = TrackedRun("a", next_epoch=1)
        >>> run.take([{"epoch": 0}, {"epoch": 1}]), run.next_epoch
        ([{'epoch': 1}], 2)
        """
        new = [row for row in history if row["epoch"] >= self.next_epoch]
        if new:
            self.next_epoch = int(new[-1]["epoch"]) + 1
        return new

    def save(self, path: Path) -> None:
        """Writes the file, whole or not at all."""
        with atomic_write(path) as file:
            json.dump(asdict(self), file)

    @classmethod
    def read(cls, path: Path) -> "TrackedRun | None":
        """Reads the file; None where a run has none yet.

        Raises:
            ValueError: if it is damaged.
        """
        try:
            found = cls(**json.loads(path.read_text(encoding="utf-8")))
            if not (isinstance(found.next_epoch, int) and _ID.fullmatch(found.id)):
                raise ValueError("it must hold an id and the number of an epoch")
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, RecursionError) as error:
            raise ValueError(f"{path} is damaged ({error}); delete it to track the run anew from here") from error
        return found


def settings_in(run_dir: Path) -> dict[str, Any]:
    """The configuration that lies in a run's folder; empty for a training by hand, which writes none."""
    path = run_dir / _CONFIG
    if not path.is_file():
        return {}
    plain = OmegaConf.to_container(read_config(path))
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items()}


def leaves(node: Any, name: str = "") -> dict[str, Any]:
    """Values by dotted key.

    >>> leaves({"model": {"emb_dim": 64}, "seed": 0})
    {'model.emb_dim': 64, 'seed': 0}
    """
    if not isinstance(node, Mapping):
        return {name: node}
    named = ((f"{name}.{key}" if name else str(key), child) for key, child in node.items())
    return {key: value for name, child in named for key, value in leaves(child, name).items()}
