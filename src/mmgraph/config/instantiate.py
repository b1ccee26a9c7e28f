"""Objects from configs, and nothing but objects: a config from a stranger can call no function."""

import pkgutil
from functools import lru_cache, partial
from typing import Any, cast

from omegaconf import DictConfig, ListConfig, OmegaConf
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch_geometric.transforms import BaseTransform

from mmgraph.config.arguments import check_arguments, parameters_of
from mmgraph.config.places import errors_in_place
from mmgraph.config.plugins import not_announced, usable_plugins
from mmgraph.config.settings import check_plain
from mmgraph.config.targets import PARTIAL, TARGET, Kind, find_targets, judged_class

ALLOWED_KINDS: list[Kind] = [
    ("mmgraph", object),
    ("torch.nn.modules", nn.Module),
    ("torch.optim", Optimizer),
    ("torch.optim.lr_scheduler", LRScheduler),
    *((f"torch_geometric.nn.{kind}", nn.Module) for kind in ("aggr", "conv", "dense", "encoding", "norm", "pool")),
    ("torch_geometric.transforms", BaseTransform),
]
"""What ``_target_`` may name: public classes defined in a module (or below it) that derive from a base class.

Packages that were announced come besides (:mod:`mmgraph.config.plugins`). Code that embeds mmgraph may append its own,
``ALLOWED_KINDS.append(("my_package", mmgraph.models.Recommender))``.
"""

_PLUGIN_BASES = (
    "mmgraph.models.Recommender",
    "mmgraph.losses.LossTerm",
    "torch_geometric.transforms.BaseTransform",
    "mmgraph.datasets.base.InteractionDataset",
    "mmgraph.typing.Loader",
    "mmgraph.evaluation.Evaluator",
    "torch.nn.Module",
)
"""What classes of a plugin derive from, by name: this room lies below theirs."""


class Deferred(partial[Any]):
    """A class and some of its arguments (``_partial_: true``); a call gives the rest and builds the object."""

    place: str
    """Where the configuration gives these arguments, for messages."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Builds the object."""
        cls = cast(type, self.func)
        given = [*parameters_of(cls)][: len(args)] + list(kwargs)
        with errors_in_place(self.place, cls, given=given):
            return super().__call__(*args, **kwargs)


def instantiate(cfg: Any, key: str) -> Any:
    """Builds what ``cfg`` describes, after every ``_target_`` in it has been found to be a class of an allowed kind.

    Interpolations are resolved once, before anything is judged; what is judged is what is built.

    Args:
        cfg: a config node; a mapping without ``_target_`` gives a dictionary of what its entries describe.
        key: where the node stands in the configuration, for messages.

    Raises:
        ValueError: for a target that is not such a class, an argument that it does not take or of the wrong type, and
            for whatever the class itself refuses; names the argument by its place.
    """
    plain = OmegaConf.to_container(cfg, resolve=True) if isinstance(cfg, DictConfig | ListConfig) else cfg
    check_plain(plain, key)
    judged = [(allowed_class(node[TARGET], place), node, place) for place, node in find_targets(plain, key)]
    for cls, node, place in judged:
        check_arguments(cls, node, place)
    return _build(plain, key) if plain else {}


def allowed_class(target: Any, place: str) -> type:
    """Resolves the name of a class and judges what it resolves to by :data:`ALLOWED_KINDS` and the plugins.

    Raises:
        ValueError: if it is no class, is private, or is of no allowed kind.

    >>> allowed_class("torch.optim.Adam", "trainer.optimizer").__name__
    'Adam'
    >>> allowed_class("torch.load", "model")
    Traceback (most recent call last):
        ...
    ValueError: model._target_='torch.load' is not allowed: ...
    """
    kinds = allowed_kinds()
    package = str(target).partition(".")[0]
    is_known = any(package == root.partition(".")[0] for root, _ in ALLOWED_KINDS)
    if not is_known and (hint := not_announced(target)):
        raise ValueError(f"{place}.{TARGET}={target!r} is not allowed: {hint}")
    return judged_class(target, place, kinds, "for more, append to mmgraph.config.instantiate.ALLOWED_KINDS in code")


def allowed_kinds() -> list[Kind]:
    """:data:`ALLOWED_KINDS`, and what classes of plugins may derive from."""
    plugins = usable_plugins()
    return [*ALLOWED_KINDS, *((plugin.package, _plugin_bases()) for plugin in plugins)]


@lru_cache(maxsize=1)
def _plugin_bases() -> tuple[type, ...]:
    return tuple(pkgutil.resolve_name(name) for name in _PLUGIN_BASES)


def _build(node: Any, place: str) -> Any:
    if isinstance(node, list):
        return [_build(child, f"{place}.{index}") for index, child in enumerate(node)]
    if not isinstance(node, dict):
        return node
    children = {name: _build(child, f"{place}.{name}") for name, child in node.items()}
    if TARGET not in node:
        return children
    arguments = {name: child for name, child in children.items() if name not in (TARGET, PARTIAL)}
    deferred = Deferred(allowed_class(node[TARGET], place), **arguments)
    deferred.place = place
    return deferred if node.get(PARTIAL) else deferred()
