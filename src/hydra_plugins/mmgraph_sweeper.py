"""``sweeper=optuna``, by ``mmgraph.cli.search``: Hydra takes sweepers from the package ``hydra_plugins`` only.

Hydra imports this at every start, whatever is run: nothing heavy may stand at its top.
"""

from dataclasses import dataclass
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


@dataclass
class StudySweeperConf:
    """What ``hydra.sweeper`` holds; ``conf/sweeper/optuna.yaml`` says what each is."""

    _target_: str = "hydra_plugins.mmgraph_sweeper.StudySweeper"
    n_trials: int = 20
    total_epochs: int | None = None
    n_jobs: int = 1
    sampler: str = "tpe"
    seed: int | None = 0
    pruner: str = "median"
    startup_trials: int = 5
    warmup_epochs: int = 20
    params: dict[str, str] | None = None
    study: str | None = None  # these two are given to its jobs
    trial: int | None = None


ConfigStore.instance().store(group="hydra/sweeper", name="study", node=StudySweeperConf, provider="mmgraph")


class StudySweeper(Sweeper):
    """Searches the ranges of ``hydra.sweeper.params`` and of the command line.

    Args:
        settings: of ``hydra.sweeper``, which the configuration has too.
    """

    def __init__(self, **settings: Any) -> None:
        self.hydra_context: HydraContext | None = None
        self.config: DictConfig | None = None
        self.launcher: Launcher | None = None

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Makes what runs the jobs."""
        from hydra.core.plugins import Plugins

        self.hydra_context = hydra_context
        self.config = config
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    def sweep(self, arguments: list[str]) -> None:
        """Runs trials until the budget is used up."""
        from mmgraph.cli.search import search

        assert self.launcher is not None
        assert self.hydra_context is not None
        assert self.config is not None
        search(self.launcher, self.hydra_context.config_loader, self.config, arguments)
