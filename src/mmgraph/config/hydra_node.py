"""What the ``hydra`` node of a configuration may call: Hydra's plugins and mmgraph's callbacks."""

import re
from collections.abc import Iterator
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from mmgraph.config.plugins import VARIABLE
from mmgraph.config.targets import TARGET, Kind, find_targets, judged_class

_KINDS: list[Kind] = [
    ("hydra._internal.core_plugins", object),
    ("hydra_plugins", object),
    ("mmgraph.cli", Callback),
]
_BUILT = ("callbacks", "launcher", "sweeper")
_LOGGING = ("hydra_logging", "job_logging")
_ONE_INTERPOLATION = re.compile(r"\$\{.*\}", re.DOTALL)
# Typed as text by Hydra, so that no mapping can come out of them; text around an interpolation makes it text as well.
_OF_HYDRA = re.compile(r"\$\{hydra[.:](job\.(name|config_name)|(run|sweep)\.dir|sweep\.subdir|runtime\.cwd)\}")
_SEVERAL = re.compile(r"(\$\{[\w.:]+\}[^${}]+)+\$\{[\w.:]+\}")  # with text between them
_LOG_FILE = "${hydra.runtime.output_dir}/${hydra.job.name}.log"
_LOGGERS = re.compile(r"(logging|colorlog)\.\w+")


def check_hydra_node(cfg: DictConfig) -> None:
    """Judges what Hydra is going to build, before it does.

    Interpolations are not resolved here: Hydra would resolve them again, with another outcome perhaps.

    Args:
        cfg: a composed configuration with its ``hydra`` node.

    Raises:
        ValueError: names the key.
    """
    plain: Any = OmegaConf.to_container(cfg, resolve=False)
    hydra = plain["hydra"]
    if not isinstance(hydra, dict):
        raise ValueError(f"hydra={hydra!r} must be a mapping")
    check_environment(hydra)
    for name in _BUILT:
        place = f"hydra.{name}"
        node = hydra.get(name)
        for key, value in _leaves(node, place):
            _check_value(key, value)
        for key, target in find_targets(node, place):
            judged_class(target[TARGET], key, _KINDS, "a callback of your own is run from Python, not from a config")
    for key, value in _leaves(hydra.get("job"), "hydra.job"):
        _check_job(key, value)
    for name in _LOGGING:
        for key, value in _leaves(hydra.get(name), f"hydra.{name}"):
            _check_value(key, value)
            _check_logging(key, value)


def check_environment(hydra: Any) -> None:
    """Refuses a ``hydra`` node that would set which plugins there are; only who runs it does, in the environment.

    Args:
        hydra: the node, plain containers.

    Raises:
        ValueError: names the key.
    """
    for key, _ in _leaves(hydra, "hydra"):
        if VARIABLE in key.split("."):
            raise ValueError(f"{key} is not allowed: {VARIABLE} is set where a run is started, never by a config")


def _leaves(node: Any, place: str) -> Iterator[tuple[str, Any]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else None
    if children is None:
        yield place, node
    for name, child in children or ():
        yield from _leaves(child, f"{place}.{name}")


def _check_value(key: str, value: Any) -> None:
    text = value if isinstance(value, str) else ""
    is_text = _OF_HYDRA.fullmatch(text) or _SEVERAL.fullmatch(text)
    if _ONE_INTERPOLATION.fullmatch(text) and not is_text:
        raise ValueError(f"{key}={text!r} could become anything that runs; write the value itself")
    if key.endswith(".custom_search_space") and value is not None:
        raise ValueError(f"{key}={value!r} is not allowed: it names a function; give ranges by hydra.sweeper.params")


def _check_job(key: str, value: Any) -> None:
    if key == "hydra.job" or key.startswith("hydra.job.env_set"):
        raise ValueError(f"{key}={value!r} is not allowed: variables decide which programs are run; set them outside")


def _check_logging(key: str, value: Any) -> None:
    text = str(value)
    last = key.rpartition(".")[2]
    calls = last == "()" or (last == "class" and not _LOGGERS.fullmatch(text))
    if calls or "cfg://" in text or ("ext://" in text and text not in ("ext://sys.stdout", "ext://sys.stderr")):
        raise ValueError(f"{key}={text!r} is not allowed: logging may name classes of logging and colorlog only")
    if last == "filename" and text != _LOG_FILE:
        raise ValueError(
            f"{key}={text!r} is not allowed: it could overwrite any file; hydra/job_logging=default writes its own"
        )
