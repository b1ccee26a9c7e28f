"""``launcher=forked``, by ``mmgraph.cli.forked``: Hydra takes launchers from the package ``hydra_plugins`` only.

Hydra imports this at every start, whatever is run: nothing heavy may stand at its top.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


@dataclass
class ForkedLauncherConf:
    """What ``hydra.launcher`` holds; ``conf/launcher/forked.yaml`` says what each is."""

    _target_: str = "hydra_plugins.mmgraph_launcher.ForkedLauncher"
    n_jobs: int = 2


ConfigStore.instance().store(group="hydra/launcher", name="forked", node=ForkedLauncherConf, provider="mmgraph")


class ForkedLauncher(Launcher):
    """Runs each job in a fork of this process.

    Args:
        n_jobs: jobs at a time.
    """

    def __init__(self, n_jobs: int) -> None:
        self.n_jobs = n_jobs
        self.config: DictConfig | None = None
        self.hydra_context: HydraContext | None = None
        self.task_function: TaskFunction | None = None

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Called by Hydra, before a sweeper composes anything."""
        from mmgraph.cli.forked import RememberingLoader

        hydra_context.config_loader = RememberingLoader(hydra_context.config_loader)  # type: ignore[assignment]
        self.config = config
        self.hydra_context = hydra_context
        self.task_function = task_function

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Runs the jobs, of which the first has this number; what each came to, in their order."""
        from mmgraph.cli.forked import launch

        assert self.config is not None
        assert self.hydra_context is not None
        assert self.task_function is not None
        jobs = {initial_job_idx + place: list(words) for place, words in enumerate(job_overrides)}
        return launch(self.hydra_context, self.task_function, self.config, jobs, n_jobs=self.n_jobs)
