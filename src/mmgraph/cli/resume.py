"""``resume=<run dir>``: a run goes on with the configuration it began with."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

CONFIG, REPORT = "config.yaml", "report.json"
_NOT_SETTINGS = ("overrides",)


def split_resume(words: Sequence[str]) -> tuple[Path | None, list[str]]:
    """The run folder that ``resume=`` names, if any, and the other words.

    Raises:
        ValueError: if it names nothing, or stands in a sweep.

    >>> split_resume(["resume=outputs/a=b", "seed=1"])
    (PosixPath('outputs/a=b'), ['seed=1'])
    """
    folders = [word.partition("=")[2].strip("'\"") for word in words if word.startswith("resume=")]
    others = [word for word in words if not word.startswith("resume=")]
    if not folders:
        return None, others
    if len(folders) > 1 or folders[0] in ("", "null"):
        raise ValueError(f"resume must name one run folder, got {folders}")
    if {"-m", "--multirun"} & set(others):
        raise ValueError("resume goes on with one run: leave out -m and name the folder of the job that was killed")
    return Path(folders[0]), others


def stored_config(run_dir: Path, others: Sequence[str], compose: Callable[[Sequence[str]], DictConfig]) -> DictConfig:
    """The configuration of the run in ``run_dir``.

    Args:
        run_dir: the run's folder.
        others: further words of the command line; they may repeat what the run began with, not change it.
        compose: gives the configuration for words of a command line.

    Raises:
        FileNotFoundError: if there is no run.
        ValueError: if a word would change the configuration; names the key.
    """
    if not (run_dir / CONFIG).is_file():
        raise FileNotFoundError(f"resume={run_dir}: there is no {CONFIG}, so this is not the folder of a run")
    stored = OmegaConf.load(run_dir / CONFIG)
    assert isinstance(stored, DictConfig)
    if others:
        begun = list(stored.overrides)
        before, after = _flat(compose(begun)), _flat(compose([*begun, *others]))
        changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
        if changed:
            listed = ", ".join(f"{key}: {before.get(key)!r} -> {after.get(key)!r}" for key in changed)
            raise ValueError(
                f"resume={run_dir} goes on with the configuration the run began with; {' '.join(others)} would change "
                f"{listed}. Leave it out, or start a new run"
            )
    return stored


def _flat(node: Any, prefix: str = "") -> dict[str, Any]:
    """Values by dotted key."""
    if not isinstance(node, Mapping):
        return {prefix: node}
    leaves: dict[str, Any] = {} if node or not prefix else {prefix: {}}
    for name, child in node.items():
        if prefix or name not in _NOT_SETTINGS:
            leaves |= _flat(child, f"{prefix}.{name}" if prefix else str(name))
    return leaves
