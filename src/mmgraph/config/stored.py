"""The ``config.yaml`` of a run folder, which may come from a stranger: plain values, of bounded size, nothing else."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, cast

import yaml
from omegaconf import DictConfig, OmegaConf

from mmgraph.config.settings import check_settings

MAX_BYTES = 2**18
MAX_DEPTH = 32


def read_config(path: Path) -> DictConfig:
    """Reads a configuration that a run left; nothing in it is looked up, called or expanded.

    ``dataset.cache_dir`` comes back as null: where processed data go is for the user of this machine to decide,
    by ``MMGRAPH_CACHE`` or by a word of the command line.

    Args:
        path: the file, as a run writes it.

    Raises:
        ValueError: if it is no YAML mapping of plain values, is too large or too deep, or holds an interpolation
            (``${...}``), an anchor, an alias or a tag; names the line.
        OSError: if it cannot be read.
    """
    text = _read_text(path)
    try:
        _check_events(text, lambda line, rule: _refuse(f"{path}:{line}", rule))
        # OmegaConf's own loader takes 1e-3 for a number and refuses a key that stands twice.
        stored = OmegaConf.load(io.StringIO(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        _refuse(f"{path}:{mark.line + 1}" if mark else str(path), f"is no valid YAML: {error.problem}")
    except (yaml.YAMLError, ValueError) as error:
        if str(error).startswith(str(path)):
            raise
        _refuse(str(path), f"is no valid YAML: {error}")
    if not isinstance(stored, DictConfig):
        _refuse(str(path), "holds a list where settings, `key: value`, belong")
    settings = cast(dict[str, Any], OmegaConf.to_container(stored))
    check_settings(settings, f"{path}: ")
    words = settings.get("overrides")
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        _refuse(str(path), "must hold the words that the run was started with, as the list `overrides`")
    if "cache_dir" in stored.dataset:
        stored.dataset.cache_dir = None
    return stored


def _read_text(path: Path) -> str:
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there, or is no file")
    with open(path, "rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        _refuse(str(path), f"is larger than the configuration of a run can be, {MAX_BYTES // 1024} KiB")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(str(path), f"is no UTF-8 text: byte {error.start} is 0x{content[error.start]:02x}")


def _check_events(text: str, refuse: Callable[[int, str], NoReturn]) -> None:
    """Judges the file's parts in the order they stand, before anything is built from them.

    Aliases could multiply a few lines into billions of values; tags name Python types.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            refuse(line, "uses a YAML anchor or alias (& or *), which no run writes")
        if getattr(event, "tag", None):
            refuse(line, f"uses the YAML tag {event.tag!r}, which no run writes")
        if isinstance(event, yaml.ScalarEvent) and "${" in event.value:
            refuse(line, "holds an interpolation, ${...}; a run writes values, and only these are read")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            refuse(line, f"is nested more than {MAX_DEPTH} deep")


def _refuse(place: str, rule: str) -> NoReturn:
    raise ValueError(f"{place}: {rule}. It is not a configuration that a run left, or it was changed by hand")
