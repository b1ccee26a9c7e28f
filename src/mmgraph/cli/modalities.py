"""Sweeps over a data set's modalities: are there those that the jobs name?"""

import re
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

KEY = "dataset.modalities"


class ModalitiesCallback(Callback):
    """Stops a sweep over ``dataset.modalities`` before its first job, where some job would not find its modality.

    Papers leave out image or text; a data set that has others wants others named.
    """

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Compares names; Hydra would turn an exception into a warning.

        Raises:
            SystemExit: if a modality that a job names is not there.
        """
        found = _found(config.dataset)
        named = _named(config)
        if found is None or not (unknown := [name for name in named if name not in found]):
            return
        choices = config.hydra.runtime.choices
        raise SystemExit(
            f"Error: experiment={choices.experiment} names modalities that dataset={choices.dataset} does not have: "
            f"{', '.join(unknown)}; it has {', '.join(found)}.\n"
            f"Say which each job keeps (null: all): '{KEY}=null,{','.join(f'[{name}]' for name in found)}'"
        )


def _found(dataset: DictConfig) -> list[str] | None:
    """Names of the data set's modalities; None where its folder is not there, which the jobs will report."""
    from mmgraph.datasets.features import find_modalities
    from mmgraph.datasets.synthetic import SIZES

    if "root" not in dataset:
        return list(SIZES)
    folder = Path(dataset.root)
    return find_modalities(folder) if folder.is_dir() else None


def _named(config: DictConfig) -> list[str]:
    """Names in the values of the sweep; those of the command line take the place of the experiment's."""
    values = str(config.hydra.sweeper.params.get(KEY, ""))
    for word in config.hydra.overrides.task:
        key, _, value = word.partition("=")
        values = value if key.lstrip("+") == KEY else values
    return [name for name in dict.fromkeys(re.findall(r"[\w-]+", values)) if name != "null"]
