"""The configuration of a run, from the command line's words; nothing here imports torch."""

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

import mmgraph

PRIMARY = "train"


def conf_dir() -> Path:
    """The folder of the Hydra groups: inside an installed package, at the root of a checkout."""
    package = Path(mmgraph.__file__).parent
    return next(path for path in (package / "conf", package.parents[1] / "conf") if path.is_dir())


def compose_config(overrides: Sequence[str] = ()) -> DictConfig:
    """The resolved configuration that ``python train.py <overrides>`` would run with.

    Raises:
        hydra.errors.HydraException: if a word names no group, option or key.

    Example:
        >>> cfg = compose_config(["model=lightgcn", "trainer.max_epochs=3"])
        >>> cfg.model_name, cfg.model.num_layers, cfg.trainer.max_epochs
        ('lightgcn', 3, 3)
    """
    with initialize_config_dir(str(conf_dir()), version_base="1.3", job_name="mmgraph-train"):
        cfg = compose(PRIMARY, overrides=list(overrides), return_hydra_config=True)
    HydraConfig.instance().set_config(cfg)
    return resolved(cfg)


def resolved(cfg: DictConfig) -> DictConfig:
    """A copy with every interpolation replaced by its value and Hydra's own node left out."""
    own = OmegaConf.masked_copy(cfg, [str(key) for key in cfg if key != "hydra"])
    return cast(DictConfig, OmegaConf.create(OmegaConf.to_container(own, resolve=True)))


def explain(message: str, overrides: Sequence[str]) -> str:
    """Hydra's message about a word of the command line, and the names that would have been right.

    Hydra lists the options of a group by itself; the keys it does not.
    """
    found = re.search(r"(?:Could not override|Could not delete from config\.) '([^']+)'", message)
    if not found:
        return message
    key = found.group(1).split("@")[0]
    sweeps = {"-m", "--multirun", *(word for word in overrides if re.search(r"[,(]", word))}
    others = [word for word in overrides if word not in sweeps and word.lstrip("+~").split("=")[0] != found.group(1)]
    parent, unknown, valid = _valid_keys(compose_config(others), key)
    if unknown is None:
        return (
            f"{key} is a mapping, which keeps its keys when it is overridden. To replace it whole: '~{key}' "
            f"'+{key}={{...}}'; to add a key: '+{key}.name=value'"
        )
    close = difflib.get_close_matches(unknown, valid, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"There is no {unknown!r} in {parent or 'the configuration'}{hint}\nValid here: {', '.join(valid)}"


def _valid_keys(cfg: DictConfig, key: str) -> tuple[str, str | None, list[str]]:
    """Follows ``key`` as far as it goes: where that is, the first part that is not there (if any), and what is."""
    node: Any = cfg
    parts = key.split(".")
    for depth, part in enumerate(parts):
        if not isinstance(node, Mapping) or part not in node:
            valid = sorted(map(str, node)) if isinstance(node, Mapping) else []
            return ".".join(parts[:depth]), part, valid
        node = node[part]
    return key, None, []
