"""What a run was configured to be, in a form in which runs that compute the same are equal."""

import json
from collections.abc import Mapping
from functools import cache
from inspect import Parameter
from typing import Any

from mmgraph.config.arguments import parameters_of
from mmgraph.config.instantiate import TARGET, allowed_class

_NOT_SETTINGS = {
    "seed",
    "overrides",
    "model_name",
    "ablation_name",
    "dataset_name",
    "data_root",
    "logger",
    "warm_start",
}
_NOT_OF_TRAINER = {"accelerator", "devices", "shard", "verbose"}
_SEEDED = ("trainer", "model", "loader", "evaluator")
"""Groups in which ``seed`` is that of the run."""
_NOT_OF_DATASET = {"root", "cache_dir", "source"}


def settings_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """What is configured but the seed, where things lie and what runs them: equal for runs that share a row.

    What a class would do anyway is left out, so that runs from before and after an option was added are equal.

    Example:
        >>> here, there = ({"seed": 1, "dataset": {"root": root, "name": "x"}} for root in ("/here", "/there"))
        >>> settings_of(here) == settings_of(there), settings_of(here)["dataset"]
        (True, {'name': 'x'})
        >>> settings_of({"loss": {"_target_": "mmgraph.losses.BPR", "weight": 1, "reduction": "sum"}})["loss"]
        {'_target_': 'mmgraph.losses.BPR', 'reduction': 'sum'}
    """
    settings = {key: value for key, value in config.items() if key not in _NOT_SETTINGS}
    settings |= {group: _without(config.get(group), {"seed"}) for group in _SEEDED}
    settings["trainer"] = _without(settings["trainer"], _NOT_OF_TRAINER)
    settings["dataset"] = _without(config.get("dataset"), _NOT_OF_DATASET)
    stated: dict[str, Any] = _stated(_plain(settings))
    return stated


def _without(node: Any, names: set[str]) -> Any:
    return {key: value for key, value in node.items() if key not in names} if isinstance(node, dict) else node


def _plain(value: Any) -> Any:
    """As JSON has it; 1 and 1.0 are one setting."""
    return json.loads(json.dumps(value), parse_int=float)


def _stated(node: Any) -> Any:
    """Without what the classes that are named have as their defaults."""
    if isinstance(node, list):
        return [_stated(value) for value in node]
    if not isinstance(node, dict):
        return node
    defaults = _defaults(node[TARGET]) if isinstance(node.get(TARGET), str) else {}
    found = {key: _stated(value) for key, value in node.items()}
    return {key: value for key, value in found.items() if key not in defaults or defaults[key] != value}


@cache
def _defaults(target: str) -> dict[str, Any]:
    """The defaults of a class that are plain data; none of a class that is not here."""
    try:
        parameters = parameters_of(allowed_class(target, "settings"))
    except ValueError:
        return {}
    return {name: plain for name, parameter in parameters.items() for plain in _plain_default(parameter)}


def _plain_default(parameter: Parameter) -> list[Any]:
    """The default, where there is one that a file of settings can state."""
    if parameter.default is Parameter.empty:
        return []
    try:
        return [_plain(parameter.default)]
    except (TypeError, ValueError):
        return []
