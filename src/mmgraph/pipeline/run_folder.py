"""The folder of a run: its files by name, who works in it, and what it is made of."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from omegaconf import DictConfig, OmegaConf

from mmgraph.config.stored import read_config
from mmgraph.files import atomic_write
from mmgraph.processes.locks import FolderLock

CONFIG = "config.yaml"
REPORT = "report.json"
IDENTITY = "identity.json"
_LOCK = ".lock"
_NOT_SETTINGS = ("data_root", "overrides", "dataset.root", "dataset.cache_dir", "dataset.source")
"""Where things lie: it is the same run elsewhere."""
_MEANING = {
    "configuration": f"{CONFIG} was changed after the run began",
    "split": "the interactions, or their split, are not those that the run began with",
    "features": "the items' features are not those that the run began with",
}
_MENDED_BY = "Put back what was there before (data_root=... names another place), or start a new run in another folder"


def as_folder(folder: Any) -> Path:
    """The absolute path of a folder that somebody names; ``~`` is the home folder.

    Raises:
        ValueError: if it is no path, or an empty one (which would be the working directory).
    """
    if not isinstance(folder, str | os.PathLike) or not os.fspath(folder):
        raise ValueError(f"folder must be a path such as 'outputs/mine', got {folder!r:.80}")
    return Path(folder).expanduser().absolute()


def check_free(folder: Path) -> None:
    """Refuses a place for a new folder where something lies.

    Raises:
        FileExistsError: if there is anything but an empty folder.
    """
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise FileExistsError(f"{folder} is there already: a run is saved into a new folder")


@contextmanager
def working_in(run_dir: Path) -> Iterator[None]:
    """Keeps other processes from training in a folder meanwhile; a killed one is no longer in it.

    Raises:
        FileExistsError: if another process is at work there.
    """
    lock = FolderLock(run_dir / _LOCK)
    if not lock.take():
        raise FileExistsError(
            f"another process is training in {run_dir}: wait until it has ended, or give a new run a folder of its "
            "own (hydra.run.dir=..., in Python folder=...)"
        )
    try:
        yield
    finally:
        lock.remove()


def begin(run_dir: Path, cfg: DictConfig) -> bool:
    """Writes the configuration of a run that begins, or compares it with the one that is there.

    Args:
        run_dir: the folder, which this process works in (:func:`working_in`).
        cfg: the resolved configuration.

    Returns:
        Whether the run begins.

    Raises:
        ValueError: if the folder holds a run of another configuration; names the keys. Or a report alone, of which
            nobody knows what was run.
    """
    if not (run_dir / CONFIG).exists():
        if (run_dir / REPORT).exists():
            raise ValueError(f"{run_dir} holds a {REPORT} but no {CONFIG}: give this run a folder of its own")
        with atomic_write(run_dir / CONFIG) as file:
            file.write(OmegaConf.to_yaml(cfg))
        return True
    begun = open_config(run_dir)
    if listed := list_changes(begun, cfg):
        raise ValueError(
            f"{run_dir} holds a run of another configuration ({listed}): give this one a folder of its own, or go on "
            f"with that one by resume={run_dir}"
        )
    return False


def open_config(run_dir: Path) -> DictConfig:
    """The configuration that a run began with.

    Raises:
        FileNotFoundError: if there is no run.
        ValueError: if ``config.yaml`` is damaged, or was changed since; names both hashes.
    """
    if not (run_dir / CONFIG).is_file():
        raise FileNotFoundError(f"{run_dir} holds no {CONFIG}: it is not the folder of a run")
    cfg = read_config(run_dir / CONFIG)
    check_identity(run_dir, {"configuration": configuration_hash(cfg)})
    return cfg


def check_identity(run_dir: Path, found: Mapping[str, str]) -> bool:
    """Compares what a run is made of with what is there now.

    Args:
        run_dir: the run's folder.
        found: hashes by name, ``configuration``, ``split`` or ``features``, as they are now.

    Returns:
        Whether the folder states what its run is made of; those of earlier versions do not.

    Raises:
        ValueError: if one differs; names both.
    """
    begun = read_identity(run_dir)
    for name, value in found.items():
        if begun and begun[name] != value:
            raise ValueError(
                f"{run_dir}: {_MEANING[name]}: its {name} hash was {begun[name][:16]}, now it is {value[:16]}. "
                f"{_MENDED_BY}"
            )
    return bool(begun)


def write_identity(run_dir: Path, found: Mapping[str, str]) -> None:
    """Keeps what a run is made of, for whoever opens the folder later."""
    with atomic_write(run_dir / IDENTITY) as file:
        json.dump(dict(found), file, indent=1)


def configuration_hash(cfg: DictConfig) -> str:
    """SHA-256 over the settings, the same wherever the data lie and in whatever order keys stand.

    >>> cfg = OmegaConf.create({"seed": 0, "data_root": "/here"})
    >>> configuration_hash(cfg) == configuration_hash(OmegaConf.create({"data_root": "/there", "seed": 0}))
    True
    """
    return hashlib.sha256(json.dumps(settings_by_key(cfg), sort_keys=True).encode()).hexdigest()


def list_changes(before: DictConfig, after: DictConfig) -> str:
    """Keys whose values differ, with both, for people; empty where none does.

    >>> list_changes(OmegaConf.create({"seed": 0, "a": {"b": 1}}), OmegaConf.create({"seed": 7, "a": {"b": 1}}))
    'seed: 0 -> 7'
    """
    old = settings_by_key(before)
    new = settings_by_key(after)
    changed = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    return ", ".join(f"{key}: {old.get(key)!r} -> {new.get(key)!r}" for key in changed)


def remove_start(run_dir: Path) -> None:
    """Removes what a run that failed before its first epoch has written."""
    for name in (CONFIG, IDENTITY):
        (run_dir / name).unlink(missing_ok=True)


def settings_by_key(cfg: DictConfig) -> dict[str, Any]:
    """Values by dotted key, but for where things lie.

    >>> settings_by_key(OmegaConf.create({"data_root": "/here", "model": {"emb_dim": 64}}))
    {'model.emb_dim': 64}
    """
    plain = cast(dict[str, Any], OmegaConf.to_container(cfg))
    left_out = tuple(f"{name}." for name in _NOT_SETTINGS)
    return {key: value for key, value in _leaves(plain) if not f"{key}.".startswith(left_out)}


def _leaves(node: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Values by dotted key; an empty mapping is a value."""
    if not isinstance(node, Mapping) or (prefix and not node):
        yield prefix, node
        return
    for name, child in node.items():
        yield from _leaves(child, f"{prefix}.{name}" if prefix else str(name))


def read_identity(run_dir: Path) -> dict[str, str]:
    """Hashes of what a run is made of, by name; empty in folders of early versions.

    Raises:
        ValueError: if the file is damaged.
    """
    path = run_dir / IDENTITY
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged ({error}); delete it if you know that nothing was changed") from error
    if not isinstance(found, dict) or found.keys() != _MEANING.keys() or not all(map(_is_text, found.values())):
        raise ValueError(f"{path} is damaged: it must hold {list(_MEANING)}; delete it if nothing was changed")
    return found


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
