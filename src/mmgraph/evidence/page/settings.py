"""The settings of a run, and which of them are not what its model and data set come with."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from mmgraph.config.compose import compose_config
from mmgraph.evidence.page.plain import shown
from mmgraph.pipeline.report import RunReport
from mmgraph.pipeline.run_folder import settings_by_key

_NOT_SHOWN = ("model_name", "ablation_name", "seed")


def settings(report: RunReport) -> dict[str, Any]:
    """Settings by dotted key, and those of them that differ from the composition without further words.

    Args:
        report: of one of the runs.

    Returns:
        ``all``: pairs of key and value; ``changed``: key, value and what it is by default. ``changed`` is None where
        nothing can be composed of the run's model and data set here, as of a model of one's own.
    """
    own = _texts(settings_by_key(OmegaConf.create(report.config)))
    usual = _usual(tuple(_choices(report)))
    if usual is None:
        return {"all": list(own.items()), "changed": None}
    keys = [key for key in dict.fromkeys([*own, *usual]) if own.get(key) != usual.get(key)]
    changed = [[key, own.get(key, "-"), usual.get(key, "-")] for key in keys]
    return {"all": list(own.items()), "changed": changed}


def _choices(report: RunReport) -> list[str]:
    """The words for model and data set."""
    stated = report.config.get("overrides")
    words = stated if isinstance(stated, list) else []
    of_data = [word for word in words if isinstance(word, str) and word.startswith("dataset=")]
    return [f"model={report.config.get('model_name', report.model)}", *of_data]


@lru_cache
def _usual(words: Sequence[str]) -> dict[str, str] | None:
    try:
        return _texts(settings_by_key(compose_config(words)))
    except (HydraException, OmegaConfBaseException, ValueError):
        return None


def _texts(found: dict[str, Any]) -> dict[str, str]:
    return {key: shown(value) for key, value in found.items() if key not in _NOT_SHOWN and not _follows_seed(key)}


def _follows_seed(key: str) -> bool:
    """Whether it is the run's seed once more, handed to a part."""
    return key.endswith(".seed") and key.count(".") == 1
