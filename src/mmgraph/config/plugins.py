"""Packages of somebody else's whose classes and files a run may use, because the person who runs it states so.

Two ways to say it: a package that is installed announces itself by an entry point of the group ``mmgraph.plugins``; a
loose folder is named by the environment variable ``MMGRAPH_PLUGINS``. No configuration can say it. Nothing here imports
a plugin.
"""

import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

VARIABLE = "MMGRAPH_PLUGINS"
GROUP = "mmgraph.plugins"
_NOT_ITS_OWN = ("mmgraph", "torch", "torch_geometric")


class Plugin(NamedTuple):
    """A package that was announced.

    Attributes:
        package: its name, as it is imported.
        announced_by: who states so.
        version: that of the installed distribution; of a loose folder nothing is known.
        folders: where its files lie; several for a namespace package.
        problem: why it cannot be used; empty if it can.
    """

    package: str
    announced_by: str
    version: str = ""
    folders: tuple[Path, ...] = ()
    problem: str = ""

    @property
    def conf(self) -> list[Path]:
        """Its own folders of config groups."""
        return [folder / "conf" for folder in self.folders if (folder / "conf").is_dir()]

    def holds(self, name: str) -> bool:
        """Whether a dotted name lies in it."""
        return f"{name}.".startswith(f"{self.package}.")

    def left_out(self, problem: str = "") -> str:
        """One sentence for people: what is wrong with it."""
        return f"the plugin {self.package} ({self.announced_by}) is left out: {problem or self.problem}"


def announced_plugins() -> list[Plugin]:
    """Every package that was announced, loose folders first, also those that cannot be used.

    The folder that holds a loose one is appended to ``sys.path``, as it must be to import it.
    """
    named: dict[str, Plugin] = {}
    for plugin in (*_loose_plugins(), *map(_installed_plugin, _entry_points(tuple(sys.path)))):
        named.setdefault(plugin.package, plugin)
    return list(named.values())


def usable_plugins() -> list[Plugin]:
    """Those of :func:`announced_plugins` that can be used."""
    return [plugin for plugin in announced_plugins() if not plugin.problem]


def loose_folders() -> list[Path]:
    """The folders that ``MMGRAPH_PLUGINS`` names, absolute."""
    texts = os.environ.get(VARIABLE, "").split(os.pathsep)
    return [Path(os.path.abspath(os.path.expanduser(text))) for text in texts if text.strip()]


def not_announced(target: Any) -> str | None:
    """What a person can do who wants a class of a package that nobody announced; None if it is no such package's.

    Args:
        target: what a configuration names.

    >>> not_announced("os.system") is None, "MMGRAPH_PLUGINS=<path>/my_package" in not_announced("my_package.Mine")
    (True, True)
    """
    package, dot, _ = str(target).partition(".")
    known = package in sys.stdlib_module_names or package in _NOT_ITS_OWN
    if not dot or not package.isidentifier() or known:
        return None
    for plugin in announced_plugins():
        if plugin.holds(str(target)):
            return plugin.left_out() if plugin.problem else None
    return (
        f"{package} is no plugin. If it is yours, or you trust it, say so where you start the run (a config cannot): "
        f"{VARIABLE}=<path>/{package} for a loose folder; for an installed package, an entry point of the group "
        f'{GROUP}: {package} = "{package}"'
    )


def _loose_plugins() -> Iterator[Plugin]:
    for folder in loose_folders():
        announced = Plugin(folder.name, f"{VARIABLE}={folder}")
        yield _found(announced, folder) if folder.is_dir() else announced._replace(problem="there is no such folder")


def _installed_plugin(entry: EntryPoint) -> Plugin:
    package = entry.value.partition(":")[0].strip()
    if entry.dist is None:
        return _found(Plugin(package, f"entry point {entry.name}"))
    by = f"entry point {entry.name} of {entry.dist.name}"
    return _found(Plugin(package, by, version=str(entry.dist.version)))


@lru_cache(maxsize=8)
def _entry_points(path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """Read once for each state of ``sys.path``, in which they are looked for."""
    return tuple(entry_points(group=GROUP))


def _found(plugin: Plugin, folder: Path | None = None) -> Plugin:
    """The plugin with its folders, or with what is wrong; ``folder`` is where it must lie."""
    package = plugin.package
    if not all(part.isidentifier() for part in package.split(".")):
        return plugin._replace(problem=f"{package!r} is no name that Python can import")
    if package.partition(".")[0] in _NOT_ITS_OWN:
        return plugin._replace(problem=f"{package} is the name of another package; rename the folder")
    if folder is not None and str(folder.parent) not in sys.path:
        sys.path.append(str(folder.parent))
    spec = _spec(package)
    if spec is None:
        return plugin._replace(problem="Python does not find it")
    folders = tuple(map(Path, spec.submodule_search_locations or ()))
    if folder is not None and not any(folder.samefile(found) for found in folders if found.is_dir()):
        where = ", ".join(map(str, folders)) or spec.origin
        return plugin._replace(problem=f"Python finds another {package} before it, in {where}; rename the folder")
    return plugin._replace(folders=folders)


def _spec(package: str) -> ModuleSpec | None:
    """Where a package lies; other than ``find_spec`` this imports no parent."""
    top, *parts = package.split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):  # a module that was made by hand has none
        return None
    name = top
    for part in parts:
        name = f"{name}.{part}"
        spec = PathFinder.find_spec(name, spec.submodule_search_locations) if spec else None
    return spec
