"""The configuration of a run, from the command line's words; nothing here imports torch."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.utils import create_config_search_path
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import Quote, QuotedString
from hydra.core.utils import setup_globals
from hydra.errors import ConfigCompositionException, MissingConfigException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

import mmgraph
from mmgraph.config.hydra_node import check_hydra_node
from mmgraph.config.options import check_config_dir, check_options, missing_option
from mmgraph.config.search_path import check_choices, join_plugins, plugin_files
from mmgraph.config.settings import check_settings
from mmgraph.config.words import Words, check_keys, readable

PRIMARY = "train"
VERSION_BASE = "1.3"
_NOT_OF_THE_RUN = ("hydra", "processes")
_ONE_AT_A_TIME = threading.RLock()
"""Hydra's state is the process's: of two threads, one would get the other's model by name."""


def conf_dir() -> Path:
    """The folder of the Hydra groups: inside an installed package, at the root of a checkout."""
    package = Path(mmgraph.__file__).parent
    return next(path for path in (package / "conf", package.parents[1] / "conf") if path.is_dir())


def conf_dirs() -> list[Path]:
    """The folders of the Hydra groups: the built-in one and those of plugins."""
    built_in = conf_dir()
    return [built_in, *(files.folder for files in plugin_files(built_in) if not files.taken)]


def option_names(group: str) -> list[str]:
    """What a group offers, of plugins too.

    >>> option_names("launcher")
    ['basic', 'forked', 'joblib', 'ray', 'submitit', 'torchrun']
    """
    return sorted({path.stem for folder in conf_dirs() for path in (folder / group).glob("*.yaml")})


def compose_config(overrides: Sequence[str] = (), *, config_dir: str | Path | None = None) -> DictConfig:
    """The resolved configuration that ``python train.py <overrides>`` would run with.

    Args:
        overrides: ``GROUP=OPTION`` and ``KEY=VALUE``.
        config_dir: a folder with config groups of your own, beside the built-in ones.

    Raises:
        hydra.errors.HydraException: if a word names no group, option or key.
        ValueError: if a value cannot be right, or the ``hydra`` node would call what it may not.

    Example:
        >>> cfg = compose_config(["model=lightgcn", "trainer.max_epochs=3"])
        >>> cfg.model_name, cfg.model.num_layers, cfg.trainer.max_epochs
        ('lightgcn', 3, 3)
    """
    with _hydra_apart():
        cfg = _composed([readable(word) for word in overrides], RunMode.RUN, config_dir=config_dir)
        HydraConfig.instance().set_config(cfg)
        return resolved(cfg)


def check_words(words: Words) -> DictConfig:
    """Composes what the words describe, a sweep too, and checks it, before Hydra builds anything of it.

    Returns:
        The configuration with Hydra's own node, unresolved.

    Raises:
        hydra.errors.HydraException: if a word names no group, option or key.
        ValueError: if a word has no key, an option is not there, or the ``hydra`` node would call what it may not.
        FileNotFoundError: if ``--config-dir`` names no folder.
    """
    options = words.options
    if options.config_path is not None and not Path(options.config_path).is_dir():
        raise FileNotFoundError(f"--config-path={options.config_path}: there is no such folder")
    with _hydra_apart():
        return _composed(
            words.settings,
            RunMode.MULTIRUN,
            config_dir=options.config_dir,
            config_path=options.config_path,
            config_name=options.config_name,
        )


def where_run(words: Words) -> tuple[Path, dict[str, Any]]:
    """The folder that the run of these words would have, and what ``hydra.launcher`` holds, both resolved."""
    options = words.options
    with _hydra_apart():
        cfg = _composed(
            words.settings,
            RunMode.RUN,
            config_dir=options.config_dir,
            config_path=options.config_path,
            config_name=options.config_name,
        )
        HydraConfig.instance().set_config(cfg)
        settings = OmegaConf.to_container(cfg.hydra.launcher, resolve=True)
        return Path(cfg.hydra.run.dir).absolute(), cast(dict[str, Any], settings)


@contextmanager
def _hydra_apart() -> Iterator[None]:
    """Hydra's own state is at the end what it was: this may run inside somebody's Hydra application."""
    with _ONE_AT_A_TIME, _state_kept():
        yield


@contextmanager
def _state_kept() -> Iterator[None]:
    running = HydraConfig.instance()
    before = running.cfg
    base = version.VersionBase.instance()
    base_before = base.version_base
    setup_globals()
    version.setbase(VERSION_BASE)
    try:
        yield
    finally:
        running.cfg = before
        base.version_base = base_before


def _composed(
    settings: Sequence[str],
    mode: RunMode,
    *,
    config_dir: str | Path | None = None,
    config_path: str | None = None,
    config_name: str | None = None,
) -> DictConfig:
    """Hydra's configuration with its own node, which has been judged."""
    check_keys(settings)
    words = list(settings)
    primary = conf_dir() if config_path is None else Path(config_path).absolute()
    if config_dir is not None:
        folder = Path(config_dir).absolute()
        check_config_dir(folder, primary)
        words.append(f"hydra.searchpath=[{QuotedString(f'file://{folder}', Quote.double).with_quotes()}]")
    sweeps = mode is RunMode.MULTIRUN
    search_path = create_config_search_path(str(primary))
    join_plugins(search_path)
    loader = ConfigLoaderImpl(config_search_path=search_path)
    try:
        cfg = loader.load_configuration(
            config_name or PRIMARY, words, mode, from_shell=not sweeps, validate_sweep_overrides=not sweeps
        )
    except MissingConfigException as error:
        if not error.options or str(error.missing_cfg_file).startswith("hydra/"):
            raise
        message = missing_option(error, settings, primary)
        raise MissingConfigException(message, error.missing_cfg_file, error.options) from error
    except ValueError as error:  # Hydra's own, about a group
        raise ConfigCompositionException(str(error)) from error
    check_hydra_node(cfg)
    check_options(settings, cfg.hydra)
    check_choices(cfg.hydra.runtime.choices, primary)
    return cfg


def resolved(cfg: DictConfig) -> DictConfig:
    """A copy with every interpolation replaced by its value, without Hydra's own node and the number of processes.

    The run is the same in however many.

    Raises:
        ValueError: if a value cannot be right, or an interpolation is left (an escaped one).
    """
    own = OmegaConf.masked_copy(cfg, [str(key) for key in cfg if key not in _NOT_OF_THE_RUN])
    plain = cast(dict[str, Any], OmegaConf.to_container(own, resolve=True))
    check_settings(plain, "")
    return OmegaConf.create(plain)
