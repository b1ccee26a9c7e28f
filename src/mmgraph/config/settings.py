"""What every configuration must be, whoever wrote it: plain values, whole sections, names that are words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mmgraph.config.targets import TARGET

SECTIONS = ("dataset", "evaluator", "graph", "loader", "logger", "loss", "model", "trainer")
_OBJECTS = ("graph", "logger")
_NAMED_BY_KEYS = ("graph", "logger", "loss.terms", "trainer.group_optimizers")
_WORD = re.compile(r"\w[\w.\-]*")
_SHOWN = 120


def check_plain(node: Any, key: str) -> None:
    """Refuses whatever could still become something else: strings and names with ``${``.

    Args:
        node: plain containers, resolved.
        key: where they stand, for messages.

    Raises:
        ValueError: names the key and the value.

    >>> check_plain({"x": ["${oc.env:HOME}"]}, "graph")
    Traceback (most recent call last):
        ...
    ValueError: graph.x.0='${oc.env:HOME}' still holds an interpolation, ${...}, after all were resolved; ...
    """
    for place, value in _strings(node, key):
        if "${" in value:
            raise ValueError(
                f"{place}={value[:_SHOWN]!r} still holds an interpolation, ${{...}}, after all were resolved; "
                "write the value"
            )


def _strings(node: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every string, names of entries too, and where it stands."""
    if isinstance(node, str):
        yield place, node
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from _strings(child, f"{place}.{index}" if place else str(index))
    if isinstance(node, Mapping):
        for name, child in node.items():
            yield place, str(name)
            yield from _strings(child, f"{place}.{name}" if place else str(name))


def check_settings(settings: Mapping[str, Any], source: str) -> None:
    """Checks a whole configuration, resolved, in plain containers; what classes are given is theirs to check.

    Args:
        settings: the configuration.
        source: where it comes from, put before each message; may be empty.

    Raises:
        ValueError: names the key.
    """
    try:
        check_plain(settings, "")
        for name in SECTIONS:
            _check_section(settings, name)
        for name in _OBJECTS:
            _check_objects(settings[name], name)
        _check_seed(settings.get("seed"))
        _check_names(settings)
    except ValueError as error:
        raise ValueError(f"{source}{error}") from error


def _check_section(settings: Mapping[str, Any], name: str) -> None:
    if name not in settings:
        raise ValueError(f"there is no section {name!r}; a run needs {', '.join(SECTIONS)}")
    if not isinstance(settings[name], Mapping):
        raise ValueError(f"{name} must be a mapping of settings, got {settings[name]!r}; {name}=NAME chooses one")


def _check_objects(section: Mapping[str, Any], name: str) -> None:
    for key, entry in section.items():
        if not isinstance(entry, Mapping) or TARGET not in entry:
            raise ValueError(
                f"{name}.{key} must be an object, a mapping with {TARGET}, got {entry!r}; ~{name}.{key} takes it away"
            )


def _check_seed(seed: Any) -> None:
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
        raise ValueError(f"seed must be int, between 0 and 2^63 - 1, got {seed!r}")


def _check_names(settings: Mapping[str, Any]) -> None:
    """Names land in files, tables and messages."""
    for place, name in _names(settings):
        if isinstance(name, int | float):
            raise ValueError(f"{place} must be text, got {name!r}: as text it is written '\"{name}\"'")
        if not isinstance(name, str) or not _WORD.fullmatch(name):
            raise ValueError(f"{place}: {name!r} is no name; letters, digits, '_', '-' and '.' make one")


def _names(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for place in _NAMED_BY_KEYS:
        node: Any = settings
        for part in place.split("."):
            node = node.get(part) if isinstance(node, Mapping) else None
        for name in node if isinstance(node, Mapping) else ():
            yield place, name
    dataset = settings["dataset"]
    if dataset.get("name") is not None:
        yield "dataset.name", dataset["name"]
    modalities = dataset.get("modalities")
    for name in modalities if isinstance(modalities, list | Mapping) else ():
        yield "dataset.modalities", name
    for key in ("model_name", "ablation_name"):
        for part in str(settings.get(key, "none")).split("/"):  # options may lie in folders
            yield key, part
