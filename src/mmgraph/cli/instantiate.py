"""Objects from configs, and nothing but objects: a config from a stranger can call no function."""

import inspect
import types
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Union, get_args, get_origin

import hydra.utils
from omegaconf import DictConfig, ListConfig, OmegaConf
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch_geometric.transforms import BaseTransform

ALLOWED_KINDS: list[tuple[str, type]] = [
    ("mmgraph", object),
    ("torch.nn.modules", nn.Module),
    ("torch.optim", Optimizer),
    ("torch.optim.lr_scheduler", LRScheduler),
    *((f"torch_geometric.nn.{kind}", nn.Module) for kind in ("aggr", "conv", "dense", "encoding", "norm", "pool")),
    ("torch_geometric.transforms", BaseTransform),
]
"""What ``_target_`` may name: public classes defined in a module (or below it) that derive from a base class.

Code that embeds mmgraph may append its own, ``ALLOWED_KINDS.append(("my_package", mmgraph.models.Recommender))``.
"""


def instantiate(cfg: Any, key: str) -> Any:
    """Builds what ``cfg`` describes, after every ``_target_`` in it has been found to be a class of an allowed kind.

    Args:
        cfg: a config node; a mapping without ``_target_`` gives a dictionary of what its entries describe.
        key: where the node stands in the configuration, for messages.

    Raises:
        ValueError: for a target that is not such a class, an argument that it does not take or of the wrong type, and
            for whatever the class itself refuses.
    """
    plain = OmegaConf.to_container(cfg, resolve=True) if isinstance(cfg, DictConfig | ListConfig) else cfg
    for place, node in _targets(plain, key):
        _check_arguments(allowed_class(node["_target_"], place), node, place)
    try:
        return hydra.utils.instantiate(OmegaConf.create(plain), _convert_="all") if plain else {}
    except hydra.errors.InstantiationException as error:
        if error.__cause__ is None:
            raise
        raise error.__cause__ from None


def _targets(node: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every mapping with a ``_target_``, however deep, and where it stands."""
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from _targets(child, f"{place}.{index}")
    if isinstance(node, dict):
        if "_target_" in node:
            yield place, node
        for name, child in node.items():
            yield from _targets(child, f"{place}.{name}")


def allowed_class(target: Any, place: str) -> type:
    """Resolves the name of a class and judges what it resolves to, by the module that defines it.

    Raises:
        ValueError: if it is no class, is private, or is of no allowed kind.

    >>> allowed_class("torch.optim.Adam", "trainer.optimizer").__name__
    'Adam'
    >>> allowed_class("torch.load", "model")
    Traceback (most recent call last):
        ...
    ValueError: model._target_='torch.load' is not allowed: ...
    """
    root = str(target).split(".")[0]
    if root in {module.split(".")[0] for module, _ in ALLOWED_KINDS}:
        try:
            found = hydra.utils.get_object(str(target))
        except Exception as error:
            raise ValueError(f"{place}._target_={target!r} cannot be imported: {error}") from error
        if inspect.isclass(found) and _is_allowed(found):
            return found
    kinds = ", ".join(f"{base.__name__} classes of {module}" for module, base in ALLOWED_KINDS)
    raise ValueError(
        f"{place}._target_={target!r} is not allowed: a config may name public classes only ({kinds}), never "
        "a function; for more, append to mmgraph.cli.instantiate.ALLOWED_KINDS in code"
    )


def _is_allowed(found: type) -> bool:
    def below(module: str) -> bool:
        return found.__module__ == module or found.__module__.startswith(f"{module}.")

    public = not found.__qualname__.startswith("_") and "." not in found.__qualname__
    known = any(below(module) and issubclass(found, base) for module, base in ALLOWED_KINDS)
    return public and known


def _check_arguments(cls: type, node: Mapping[str, Any], place: str) -> None:
    parameters = {name: p for name, p in inspect.signature(cls).parameters.items() if name != "self"}
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    for name, value in node.items():
        if name.startswith("_") and name.endswith("_"):
            continue
        if name not in parameters:
            if open_ended:
                continue
            raise ValueError(f"{place}.{name}: {cls.__name__} takes no {name!r}; it takes {sorted(parameters)}")
        expected = parameters[name].annotation
        if not _fits(value, expected):
            shown = getattr(expected, "__name__", None) if isinstance(expected, type) else str(expected)
            raise ValueError(f"{place}.{name} must be {shown}, got {value!r}")


def _fits(value: Any, expected: Any) -> bool:
    """Whether a plain config value is of the annotated type; types that configs cannot spell are left to the class."""
    origin = get_origin(expected)
    if origin is Literal:
        return value in get_args(expected)
    if origin in (Union, types.UnionType):
        return any(_fits(value, option) for option in get_args(expected))
    if expected is type(None):
        return value is None
    if expected is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if expected is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, expected) if expected in (str, bool) else True
