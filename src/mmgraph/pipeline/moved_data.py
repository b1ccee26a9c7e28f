"""A run whose data lie elsewhere now."""

import os
from collections.abc import Sequence
from pathlib import Path

from omegaconf import DictConfig


def absolute(path: str) -> str:
    """A path as it is wherever a command is started; ``~`` is the home folder, and quotes of a word are left out."""
    return os.path.abspath(os.path.expanduser(path.strip("'\"")))


def absolute_paths(cfg: DictConfig) -> DictConfig:
    """The configuration, changed so that its run can be resumed and evaluated from another folder."""
    cfg.data_root = absolute(cfg.data_root)
    if isinstance(cfg.dataset.get("root"), str):
        cfg.dataset.root = absolute(cfg.dataset.root)
    if cfg.warm_start is not None:
        cfg.warm_start = absolute(cfg.warm_start)
    return cfg


def move_data(stored: DictConfig, words: Sequence[str]) -> DictConfig:
    """A copy of a run's configuration whose data lie where ``data_root=`` and ``dataset.root=`` in ``words`` name."""
    moved = stored.copy()
    given = dict(word.lstrip("+").split("=", 1) for word in words if "=" in word)
    if "data_root" in given:
        before = Path(stored.data_root)
        moved.data_root = absolute(given["data_root"])
        root = stored.dataset.get("root")
        if root is not None and Path(root).is_relative_to(before):
            moved.dataset.root = str(Path(moved.data_root) / Path(root).relative_to(before))
    if "dataset.root" in given:
        moved.dataset.root = absolute(given["dataset.root"])
    return moved
