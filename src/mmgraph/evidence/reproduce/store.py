"""Where runs lie: a folder for each by a hash of what it is made of, so that every item that needs it finds it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import mmgraph
from mmgraph.evidence.settings import settings_of
from mmgraph.pipeline.run_folder import CONFIG, REPORT
from mmgraph.processes.locks import FolderLock


@dataclass(frozen=True)
class Slot:
    """The place of one run.

    Args:
        folder: the run's folder.
    """

    folder: Path

    @property
    def is_finished(self) -> bool:
        """Whether there is a report."""
        return (self.folder / REPORT).is_file()

    @property
    def is_begun(self) -> bool:
        """Whether a run lies there, finished or cut off."""
        return (self.folder / CONFIG).is_file()

    @property
    def log(self) -> Path:
        """What the run printed."""
        return self.folder.with_suffix(".log")

    @cached_property
    def lock(self) -> FolderLock:
        """Held while somebody trains there."""
        return FolderLock(self.folder.with_name(f".{self.folder.name}.lock"))


def placing_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """What of a configuration, of any seed, decides where its runs lie: what they compute and what they start from."""
    return settings_of(config) | {"warm_start": config.get("warm_start")}


def slot_of(runs: Path, settings: Mapping[str, Any], *, split: str, features: str, seed: int) -> Slot:
    """The place of a run.

    Args:
        runs: folder of all runs.
        settings: its :func:`placing_settings`.
        split: hash of the split.
        features: hash of the items' features.
        seed: its seed.

    Example:
        >>> config = {"seed": 0, "model": {"num_layers": 2}, "trainer": {}, "dataset": {"root": "/here"}}
        >>> def place():
        ...     return slot_of(Path("runs"), placing_settings(config), split="a", features="b", seed=0)
        >>> here = place()
        >>> config["dataset"]["root"] = "/there"
        >>> place() == here
        True
        >>> config["model"]["num_layers"] = 3
        >>> place() == here
        False
    """
    return _slot(runs, {"settings": settings, "split": split, "features": features}, seed)


def fused_slot(runs: Path, members: Sequence[Slot], *, seed: int) -> Slot:
    """The place of a run that adds the scores of others.

    Args:
        runs: folder of all runs.
        members: their places.
        seed: its seed.
    """
    return _slot(runs, {"fuses": [str(member.folder.relative_to(runs)) for member in members]}, seed)


def _slot(runs: Path, made_of: Mapping[str, Any], seed: int) -> Slot:
    content = json.dumps({**made_of, "version": mmgraph.__version__}, sort_keys=True)
    return Slot(runs / hashlib.sha256(content.encode()).hexdigest()[:16] / f"seed-{seed}")
