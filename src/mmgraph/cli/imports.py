"""How a command imports torch and PyG: without what no command uses, and without a search for garbage."""

import gc
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

UNUSED = "torch_geometric.datasets"
"""PyG imports its own data sets along with itself, and they import its language models, transformers and pandas."""


def import_pyg() -> None:
    """Imports torch and PyG in about two thirds of the usual time; does nothing where PyG is imported.

    :data:`UNUSED` is imported when a name in it is asked for. Python searches for garbage the more often the more
    objects there are, but what imports make is there to stay: the collector rests meanwhile, and later passes over it.
    """
    if "torch_geometric" in sys.modules:
        return
    sys.meta_path.insert(0, _Delaying())
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        import torch_geometric  # noqa: F401
    finally:
        if was_enabled:
            gc.enable()
    gc.freeze()


class _Delaying(MetaPathFinder):
    """Finds :data:`UNUSED`, and has it loaded later."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name == UNUSED else None
        if spec is not None and spec.loader is not None:
            spec.loader = _Later(spec.loader)
        return spec


class _Later(Loader):
    """Loads a module when one of its names is asked for.

    ``importlib.util.LazyLoader`` would not do: there even ``module.__file__``, which Python's inspection reads of every
    module, loads it.
    """

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        def load(name: str) -> Any:
            if name.startswith("__") and name != "__all__":
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
            del module.__dict__["__getattr__"]
            self.loader.exec_module(module)
            return getattr(module, name)

        module.__dict__["__getattr__"] = load
