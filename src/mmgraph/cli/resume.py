"""``resume=<run dir>``: a run goes on with the configuration it began with."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from omegaconf import DictConfig

from mmgraph.config.compose import conf_dir
from mmgraph.pipeline.moved_data import move_data
from mmgraph.pipeline.run_folder import list_changes, open_config

_SAME_AS = {"nsmar": "nsmar_plus", "dualgnn": "co_interaction"}


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
        raise ValueError(
            "resume goes on with one run: leave out -m and name the job's folder; a sweep goes on by its own command"
        )
    return Path(os.path.expanduser(folders[0])), others


def stored_config(run_dir: Path, others: Sequence[str], compose: Callable[[Sequence[str]], DictConfig]) -> DictConfig:
    """The configuration of the run in ``run_dir``.

    Args:
        run_dir: the run's folder.
        others: further words of the command line; they may name where the data lie now and repeat what the run began
            with, not change it.
        compose: gives the configuration for words of a command line.

    Raises:
        FileNotFoundError: if there is no run.
        ValueError: if a word would change the configuration; names the key.
    """
    stored = open_config(run_dir)
    begun = [_as_now(word) for word in stored.overrides]
    if others and (listed := list_changes(compose(begun), compose([*begun, *others]))):
        raise ValueError(
            f"resume={run_dir} goes on with the configuration the run began with; {' '.join(others)} would change "
            f"{listed}. Leave it out, or start a new run"
        )
    return move_data(stored, others)


def _as_now(word: str) -> str:
    """Runs may have begun with options that only repeated what another has: their files are gone."""
    group, _, option = word.partition("=")
    known = [(conf_dir() / folder / f"{option}.yaml").is_file() for folder in (group, "model")]
    if group not in ("graph", "loss") or known != [False, True]:
        return word
    return f"{group}={_SAME_AS.get(option, 'none')}"
