"""The job of a search: its study sees the validation curve, and may end it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from mmgraph.cli.study import STUDIES, make_pruner, open_studies, open_trial


class PrunedTrialError(Exception):
    """A trial is ended because others were better after as many epochs; no failure."""


def trial_of(hydra_cfg: DictConfig, monitor: str) -> "WatchedTrial | None":
    """The trial that this job is; None outside of a search.

    Args:
        hydra_cfg: the job's ``hydra`` node.
        monitor: the metric that is searched for.

    Raises:
        FileNotFoundError: if the folder of the search is not here.
    """
    sweeper = hydra_cfg.sweeper
    if sweeper.get("trial") is None:
        return None
    folder = Path(hydra_cfg.sweep.dir)
    if not (folder / STUDIES).exists():
        raise FileNotFoundError(
            f"{folder / STUDIES} is not there: the jobs of a search report to it, so that all machines must have its "
            "folder (hydra.sweep.dir=/shared/...)"
        )
    return WatchedTrial(sweeper, folder, monitor)


class WatchedTrial:
    """Reports each evaluation of a run to its study.

    Args:
        sweeper: the job's ``hydra.sweeper``.
        folder: of the sweep.
        monitor: the metric to report.
    """

    def __init__(self, sweeper: DictConfig, folder: Path, monitor: str) -> None:
        import optuna

        pruner = make_pruner(sweeper.pruner, sweeper.startup_trials, sweeper.warmup_epochs)
        sampler = optuna.samplers.RandomSampler()  # is not asked for anything
        study = optuna.load_study(
            study_name=sweeper.study, storage=open_studies(folder), sampler=sampler, pruner=pruner
        )
        self.trial = open_trial(study, sweeper.trial)
        self.monitor = monitor
        self.reported = set(study.get_trials(deepcopy=False)[sweeper.trial].intermediate_values)

    def __call__(self, history: Sequence[dict[str, Any]]) -> None:
        """Reports what is new.

        Args:
            history: all epochs so far, those before a kill too.

        Raises:
            PrunedTrialError: if the trial is to end.
        """
        for row in history:
            epoch = int(row["epoch"])
            if epoch not in self.reported and f"val/{self.monitor}" in row:
                self.trial.report(row[f"val/{self.monitor}"], epoch)
                self.reported.add(epoch)
        if history and self.trial.should_prune():
            raise PrunedTrialError(f"pruned after {len(history)} epochs")
