"""Where and with what a run happened, for its report."""

import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from mmgraph.config.plugins import Plugin, usable_plugins
from mmgraph.config.targets import TARGET, find_targets


def versions() -> dict[str, str]:
    """Versions of Python and of what the numbers depend on.

    Example:
        >>> sorted(versions())
        ['mmgraph', 'numpy', 'python', 'torch', 'torch_geometric']
    """
    packages = ("mmgraph", "numpy", "torch", "torch_geometric")
    return {"python": platform.python_version()} | {package: version(package) for package in packages}


def machine() -> str:
    """What kind of machine this is; not which one.

    Example:
        >>> machine().split(",")[0] == f"{platform.system()} {platform.machine()}"
        True
    """
    parts = [f"{platform.system()} {platform.machine()}", f"{os.cpu_count()} CPU cores"]
    if torch.cuda.is_available():
        parts.append(torch.cuda.get_device_name())
    return ", ".join(parts)


def plugin_versions(settings: Mapping[str, Any]) -> dict[str, str]:
    """Versions of the plugins whose classes a configuration names; for a loose folder also the commit it lies at.

    Args:
        settings: plain containers.
    """
    targets = [str(node[TARGET]) for _, node in find_targets(settings, "")]
    used = [plugin for plugin in usable_plugins() if any(map(plugin.holds, targets))]
    return {plugin.package: plugin.version or _loose_version(plugin) for plugin in used}


def _loose_version(plugin: Plugin) -> str:
    stated = getattr(sys.modules.get(plugin.package), "__version__", None)
    commit = git_commit(plugin.folders[0]) if plugin.folders else None
    return " ".join(str(part) for part in (stated, commit) if part) or "of a loose folder, not stated"


def git_commit(folder: Path = Path(__file__).parent) -> str | None:
    """Commit of the repository that ``folder`` lies in, ending in ``-dirty`` where tracked files differ from it.

    Args:
        folder: by default that of this package.

    Returns:
        None outside a repository, or where git is not there.
    """
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return result.stdout.strip()


def peak_memory_bytes() -> dict[str, int]:
    """Most memory this process has held: ``"cpu"`` where the system reports it, ``"cuda"`` where that was used."""
    peak = {}
    if sys.platform != "win32":
        import resource  # absent on Windows

        unit = 1 if sys.platform == "darwin" else 1024
        peak["cpu"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    if torch.cuda.is_available() and torch.cuda.max_memory_allocated():
        peak["cuda"] = torch.cuda.max_memory_allocated()
    return peak
