"""The options of a folder: what was asked for, else what its ``dataset.yaml`` sets, else the defaults."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from mmgraph.datasets.inter_file import COLUMNS
from mmgraph.reading import open_text

FILE = "dataset.yaml"
DEFAULTS: dict[str, Any] = {
    "name": None,
    "modalities": None,
    "features": "raw",
    "missing": "mean",
    "mapped_features": False,
    "split": "auto",
    "ratios": None,
    "split_seed": 0,
    "min_rating": None,
    "k_core": None,
    "separator": "\t",
    "columns": {},
    "interactions": "memory",
}
INTERACTIONS = ("memory", "mapped")
"""Where the train interactions are while a model trains: in memory, or in files of the cache that are mapped."""
_MOST_BYTES = 2**16
_DEEPEST = 4


def folder_options(folder: Path, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Joins the options of a folder; ``columns`` by name, the others whole.

    Args:
        folder: where ``dataset.yaml`` may lie.
        given: the arguments; ``None`` where nothing was asked for.

    Returns:
        All options, and the names of those that ``dataset.yaml`` decided.

    Raises:
        ValueError: an option is not known or of the wrong type; names it, and the file where it stands there.
    """
    asked = {name: value for name, value in given.items() if value is not None}
    _check(asked, "")
    stored = _read(folder / FILE)
    columns = [options.get("columns", {}) for options in (stored, asked)]
    named = {key: name for chosen in columns for key, name in chosen.items() if name is not None}
    options = {**DEFAULTS, **stored, **asked, "columns": {**COLUMNS, **named}}
    decided = [name for name in stored if name not in asked or name == "columns"]
    return options, decided


def _read(path: Path) -> dict[str, Any]:
    """Reads the options of a file that may be a stranger's: plain values under known names, nothing else."""
    if not path.exists():
        return {}
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"{path}: {path.stat().st_size} bytes; options of a data set take a few lines")
    with open_text(path) as file:
        text = file.read()
    try:
        _check_shape(text)
        options = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(f"{path}: cannot be read as YAML: {error}") from error
    if options is None:
        return {}
    if not isinstance(options, dict) or (unknown := [key for key in options if key not in DEFAULTS]):
        found = unknown if isinstance(options, dict) else type(options).__name__
        raise ValueError(f"{path}: must be options of {list(DEFAULTS)}, as in 'features: l2'; found {found}")
    if "${" in text:
        raise ValueError(f"{path}: '${{' is not allowed; write the value itself")
    options = {name: value for name, value in options.items() if value is not None}
    _check(options, f"{path}: ")
    return options


def _check_shape(text: str) -> None:
    """Looks at one event after the other, before anything is built of them: aliases multiply, nesting takes minutes."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST:
            raise ValueError("aliases (*name) and deep nesting are not allowed")


def _check(options: Mapping[str, Any], place: str) -> None:
    for name, value in options.items():
        fits, wanted = _RULES[name]
        if not fits(value):
            raise ValueError(f"{place}{name}={value!r}: must be {wanted}")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, Sequence) and not isinstance(value, str) and all(map(fits, value))


def _mapping_to(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, Mapping) and all(map(_is_text, value)) and all(map(fits, value.values()))


def _is_scaling(value: Any) -> bool:
    return _is_text(value) or _list_of(_is_text)(value)


_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (lambda value: _is_text(value) and Path(value).name == value, "the part of NAME.inter before the dot"),
    "modalities": (_list_of(_is_text), "a list of names, as in [image,text]"),
    "features": (
        lambda value: _is_text(value) or _mapping_to(_is_scaling)(value),
        "a scaling, or scalings by modality, as in {audio: [standardize, l2]}",
    ),
    "missing": (_is_text, "a word"),
    "mapped_features": (lambda value: isinstance(value, bool), "true or false"),
    "split": (_is_text, "a word"),
    "ratios": (_list_of(_is_number), "three shares, as in [0.8,0.1,0.1]"),
    "split_seed": (_is_count, "a whole number from 0"),
    "min_rating": (_is_number, "a finite number"),
    "k_core": (_is_count, "a whole number from 1"),
    "interactions": (lambda value: value in INTERACTIONS, f"one of {list(INTERACTIONS)}"),
    "separator": (_is_text, "a single character"),
    "columns": (
        _mapping_to(lambda value: value is None or _is_text(value)),
        f"header names by meaning ({', '.join(COLUMNS)}), as in {{user: uid}}",
    ),
}
