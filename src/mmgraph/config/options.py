"""Files of a user's own beside the built-in ones: found, distinguished, and none that is named in vain."""

import difflib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.types import QuotedString
from hydra.errors import MissingConfigException
from omegaconf import DictConfig

from mmgraph.config.search_path import names_taken, plugin_files, plugins_left_out
from mmgraph.config.words import parsed_settings


def check_config_dir(folder: Path, built_in: Path) -> None:
    """Checks what ``--config-dir`` names.

    Raises:
        FileNotFoundError: if there is no such folder.
        ValueError: if a file there has the name of one that is built in or a plugin's: Hydra would read one of them.
    """
    if not folder.is_dir():
        beside = [path.name for path in folder.parent.glob("*/")] if folder.parent.is_dir() else []
        close = difflib.get_close_matches(folder.name, beside, n=1)
        hint = f"; did you mean {folder.with_name(close[0])}?" if close else ""
        raise FileNotFoundError(f"--config-dir={folder}: there is no such folder{hint}")
    taken = names_taken(folder, [built_in])
    if taken:
        raise ValueError(
            f"--config-dir={folder}: {', '.join(taken[:5])} {'has' if len(taken) == 1 else 'have'} the name of a "
            "built-in file, which would be read instead: give another name. With a whole conf folder of your own: "
            "--config-path=<its absolute path>"
        )
    for files in plugin_files(built_in):
        if taken := names_taken(folder, [files.folder]):
            raise ValueError(
                f"--config-dir={folder}: {', '.join(taken[:5])} {'has' if len(taken) == 1 else 'have'} the name of a "
                f"file of the plugin {files.plugin.package}, in {files.folder}: give another name"
            )


def check_options(settings: Sequence[str], hydra: DictConfig) -> None:
    """Checks that every option that is named exists; of groups that are optional Hydra passes over one in silence.

    Args:
        settings: the command line's words.
        hydra: the ``hydra`` node that they gave.

    Raises:
        ValueError: names the close ones.
    """
    sources = [Path(source.path) for source in hydra.runtime.config_sources if source.schema == "file"]
    for setting in parsed_settings(settings):
        group = str(setting.key_or_group)
        if group not in hydra.runtime.choices or setting.is_delete():
            continue
        found = {option for root in sources for option in _options(root / group)}
        for option in _named(setting):
            if found and option not in found and not group.startswith("hydra/"):
                raise ValueError(absent_option(group, option, found))


def absent_option(group: str, option: str, found: Collection[str]) -> str:
    r"""The message for an option that a group does not have.

    >>> absent_option("model", "rendd", ["rednd", "vbpr"])
    "model=rendd: there is no such file; did you mean rednd?\nAvailable options in 'model': rednd, vbpr"
    """
    names = {name.lower(): name for name in found}  # a class has capitals, its file has none
    close = difflib.get_close_matches(option.lower(), names, n=3)
    hint = f"; did you mean {', '.join(names[name] for name in close)}?" if close else ""
    listed = ", ".join(sorted(found))
    return f"{group}={option}: there is no such file{hint}\nAvailable options in {group!r}: {listed}"


def missing_option(error: MissingConfigException, settings: Sequence[str], built_in: Path) -> str:
    """The message where Hydra finds no file: what is there, what a model of one's own lacks, which plugin is broken.

    Args:
        error: Hydra's, with the file and the options that it knows.
        settings: the command line's words.
        built_in: the folder of the groups.
    """
    group, _, option = str(error.missing_cfg_file).rpartition("/")
    message = absent_option(group, option, error.options or [])
    if group == "loss" and option in _chosen(settings, "model") and not _chosen(settings, "loss"):
        _, _, listed = message.partition("\n")
        write = f"write conf/loss/{option}.yaml beside its conf/model/{option}.yaml"
        message = f"model={option} brings no loss: {write}, or choose one by loss=NAME\n{listed}"
    return "\n".join([message, *plugins_left_out(built_in)])


def _chosen(settings: Sequence[str], group: str) -> list[str]:
    """What words choose of a group."""
    found = [setting for setting in parsed_settings(settings) if str(setting.key_or_group) == group]
    return [option for setting in found for option in _named(setting)]


def misused_group(settings: Sequence[str], built_in: Path) -> str | None:
    """The message for a word that gives a group something else than one name; None if there is no such word.

    Args:
        settings: the command line's words.
        built_in: the folder of the groups.
    """
    for setting in parsed_settings(settings):
        group = str(setting.key_or_group)
        names_one = isinstance(setting.value(), str | QuotedString) or setting.is_sweep_override()
        if (built_in / group).is_dir() and (setting.is_delete() or not names_one):
            none = f"; {group}=none chooses nothing" if (built_in / group / "none.yaml").is_file() else ""
            return f"{setting.input_line}: {group} is a group, of which a run takes one: {group}=NAME{none}"
    return None


def _options(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*.yaml"):
        yield path.relative_to(folder).with_suffix("").as_posix()


def _named(setting: Any) -> list[str]:
    """The options that a word chooses, also by a sweep and as a list."""
    value = setting.value()
    values = value.list if hasattr(value, "list") else value if isinstance(value, list) else [value]
    texts = [str(getattr(option, "text", option)) for option in values if option is not None]
    return [text.removesuffix(".yaml") for text in texts if "${" not in text]
