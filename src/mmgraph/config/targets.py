"""Which classes a configuration may name; nothing here imports torch."""

import difflib
import inspect
import pkgutil
from collections.abc import Iterator, Sequence
from typing import Any

from mmgraph.config.extras import missing_package

Kind = tuple[str, type | tuple[type, ...]]
"""A module, and the base class that a class defined in it (or below it) must have, or several of which it has one."""

TARGET = "_target_"
PARTIAL = "_partial_"
MISSING = "???"


def find_targets(node: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every mapping with a ``_target_`` in plain containers, however deep, and where it stands."""
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from find_targets(child, f"{place}.{index}")
    if isinstance(node, dict):
        if TARGET in node:
            yield place, node
        for name, child in node.items():
            yield from find_targets(child, f"{place}.{name}")


def judged_class(target: Any, place: str, kinds: Sequence[Kind], more: str) -> type:
    """Resolves the name of a class and judges what it resolves to, by the module that defines it.

    A name that lies neither in the modules of ``kinds`` nor on the way to them is not even imported.

    Args:
        target: what the configuration names.
        place: where it stands, for messages.
        kinds: what is allowed.
        more: what a user can do who needs another class.

    Raises:
        ValueError: if it is no class, is private, or is of no allowed kind.
    """
    module = str(target).rpartition(".")[0]
    if any(_below(module, root) or _below(root, module) for root, _ in kinds):
        try:
            found = pkgutil.resolve_name(str(target))
        except ModuleNotFoundError as error:
            missing = missing_package(error.name or "") or error
            raise ValueError(f"{place}.{TARGET}={target!r} cannot be imported: {missing}") from error
        except Exception as error:
            hint = _close_names(error) if isinstance(error, AttributeError) else ""
            raise ValueError(f"{place}.{TARGET}={target!r} cannot be imported: {error}{hint}") from error
        if inspect.isclass(found) and _is_allowed(found, kinds):
            return found
    shown = ", ".join(f"{_base_names(base)} classes of {root}" for root, base in kinds)
    raise ValueError(
        f"{place}.{TARGET}={target!r} is not allowed: a config may name public classes only ({shown}), never a "
        f"function; {more}"
    )


def _base_names(base: type | tuple[type, ...]) -> str:
    return "/".join(one.__name__ for one in (base if isinstance(base, tuple) else (base,)))


def _close_names(error: AttributeError) -> str:
    names = [name for name in dir(error.obj) if not name.startswith("_")]
    close = difflib.get_close_matches(str(error.name), names, n=3)
    return f"; did you mean {', '.join(close)}?" if close else ""


def _is_allowed(found: type, kinds: Sequence[Kind]) -> bool:
    public = not found.__qualname__.startswith("_") and "." not in found.__qualname__
    return public and any(_below(found.__module__, root) and issubclass(found, base) for root, base in kinds)


def _below(module: str, root: str) -> bool:
    return bool(module) and (module == root or module.startswith(f"{root}."))
