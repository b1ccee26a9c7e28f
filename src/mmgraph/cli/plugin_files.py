"""Plugins of mmgraph on the command line: their files for ``hydra.main``, their folders for the processes of jobs."""

import os

from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

from mmgraph.config.plugins import VARIABLE, loose_folders
from mmgraph.config.search_path import join_plugins


class PluginFiles(SearchPathPlugin):
    """Joins the config groups of plugins to those of an application."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Called by Hydra, which has the application's own folder in the path by then."""
        join_plugins(search_path)


def open_plugins() -> None:
    """Has Hydra find what plugins bring, and jobs in whatever folder they start find the loose ones."""
    if folders := loose_folders():
        os.environ[VARIABLE] = os.pathsep.join(map(str, folders))
    Plugins.instance().register(PluginFiles)
