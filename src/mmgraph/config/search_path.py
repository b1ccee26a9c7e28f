"""Where Hydra looks for the files of groups: the built-in folder, and those of plugins behind it."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from hydra.core.config_search_path import ConfigSearchPath, SearchPathQuery

from mmgraph.config.plugins import Plugin, announced_plugins, usable_plugins


class PluginFiles(NamedTuple):
    """The config groups of a plugin.

    Attributes:
        plugin: whose they are.
        folder: where they lie.
        taken: names that others have, by which all of them are left out.
    """

    plugin: Plugin
    folder: Path
    taken: list[str]


def plugin_files(built_in: Path) -> list[PluginFiles]:
    """The config groups of every plugin that can be used.

    Args:
        built_in: the folder of the groups that all others must differ from.
    """
    folders = [built_in]
    found = []
    for plugin in usable_plugins():
        for folder in plugin.conf:
            taken = names_taken(folder, folders)
            found.append(PluginFiles(plugin, folder, taken))
            if not taken:
                folders.append(folder)
    return found


def names_taken(folder: Path, others: list[Path]) -> list[str]:
    """Files of a folder of config groups that have the name of one in other folders."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml"))
    return [name for name in names if any((other / name).is_file() for other in others)]


def join_plugins(search_path: ConfigSearchPath) -> None:
    """Has Hydra look in the folders of plugins after the built-in one; doing it twice changes nothing.

    Args:
        search_path: that of an application; one without a folder of its own is left as it is.
    """
    elements = search_path.get_path()
    built_in = [Path(str(element.path)) for element in elements if element.provider == "main"]
    paths = {element.path for element in elements}
    behind = SearchPathQuery("main", None)  # Hydra wants a source of its own to be the last
    for files in (files for folder in built_in for files in plugin_files(folder)):
        path = f"file://{files.folder}"
        if not files.taken and path not in paths:
            search_path.append(f"plugin {files.plugin.package}", path, behind)
            behind = SearchPathQuery(None, path)


def check_choices(choices: Mapping[str, str | None], built_in: Path) -> None:
    """Refuses a name that two have, where it is chosen: one of them would be read in silence.

    Args:
        choices: the option of each group; None where there is none.
        built_in: the folder of the built-in groups.

    Raises:
        ValueError: names the plugin and its file.
    """
    for files in plugin_files(built_in):
        for group, option in choices.items():
            if f"{group}/{option}.yaml" in files.taken:
                raise ValueError(f"{group}={option}: {_left_out(files)}")


def plugins_left_out(built_in: Path) -> list[str]:
    """A sentence for each plugin of which something is wrong, for whoever misses what it brings."""
    broken = [plugin.left_out() for plugin in announced_plugins() if plugin.problem]
    return broken + [_left_out(files) for files in plugin_files(built_in) if files.taken]


def _left_out(files: PluginFiles) -> str:
    verb = "has" if len(files.taken) == 1 else "have"
    return files.plugin.left_out(
        f"{', '.join(files.taken[:5])} in {files.folder} {verb} the name of a file that was there before; "
        "give another name"
    )
