"""Where and with what a run happened, for its report."""

import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import torch


def versions() -> dict[str, str]:
    """Versions of Python and of what the numbers depend on.

    Example:
        >>> sorted(versions())
        ['mmgraph', 'numpy', 'python', 'torch', 'torch_geometric']
    """
    packages = ("mmgraph", "numpy", "torch", "torch_geometric")
    return {"python": platform.python_version()} | {package: version(package) for package in packages}


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
    """Most memory this process has held so far: ``"cpu"`` where the system tells it, ``"cuda"`` where that was used."""
    peak = {}
    if sys.platform != "win32":
        import resource  # absent on Windows

        unit = 1 if sys.platform == "darwin" else 1024
        peak["cpu"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    if torch.cuda.is_available() and torch.cuda.max_memory_allocated():
        peak["cuda"] = torch.cuda.max_memory_allocated()
    return peak
