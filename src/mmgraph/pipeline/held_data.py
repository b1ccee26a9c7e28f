"""Data sets that a process holds for the runs to come, which then need not read them."""

import json
from typing import Any

from omegaconf import DictConfig, OmegaConf

from mmgraph.config.instantiate import instantiate
from mmgraph.datasets.base import InteractionDataset

_HELD: dict[str, InteractionDataset] = {}
_SETTING = "dataset"


def hold(cfg: DictConfig) -> None:
    """Reads the data set of a configuration, if it is not held yet, and keeps it and the hash of its features.

    What cannot be read is left to the runs, each of which says why.

    Args:
        cfg: a configuration, of which the data set is resolved.
    """
    key = _key(cfg)
    if key in _HELD:
        return
    try:
        dataset = instantiate(cfg[_SETTING], _SETTING)
    except Exception:
        return
    if isinstance(dataset, InteractionDataset):
        dataset.feature_hash  # noqa: B018  # kept with it
        _HELD[key] = dataset


def held(cfg: DictConfig) -> InteractionDataset | None:
    """The data set of this configuration if it is held; runs read it, and change nothing in it."""
    return _HELD.get(_key(cfg)) if _HELD else None


def _key(cfg: DictConfig) -> str:
    plain: Any = OmegaConf.to_container(cfg[_SETTING], resolve=True)
    return json.dumps(plain, sort_keys=True)
