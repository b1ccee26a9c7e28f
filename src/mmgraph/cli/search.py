"""``sweeper=optuna``: trials until the budget is used up; each is a job, as in any sweep."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn, JobStatus
from omegaconf import DictConfig, OmegaConf

from mmgraph.cli.pruning import PrunedTrialError
from mmgraph.cli.search_space import Space, search_spaces
from mmgraph.cli.study import (
    BUDGET,
    FOLDER,
    MONITOR,
    PRUNERS,
    SAMPLERS,
    counts,
    cut_torn_line,
    epochs_of,
    keep_settings,
    make_sampler,
    open_studies,
    open_trial,
    suggest,
)

if TYPE_CHECKING:
    from optuna.trial import Trial


def search(launcher: Any, config_loader: Any, config: DictConfig, arguments: Sequence[str]) -> None:
    """Runs a study for each model and data set, until each has had its trials or its epochs.

    Args:
        launcher: Hydra's, which runs jobs.
        config_loader: Hydra's, which composes them.
        config: the configuration of the sweep.
        arguments: words of the command line.

    Raises:
        ModuleNotFoundError: without Optuna, or with one before 4.
        ValueError: for a setting that is none, ranges that cannot be searched, or a configuration that was changed
            since the study began.
        Exception: the error of the last trial, where none has come to its end.
    """
    sweeper = config.hydra.sweeper
    _check(sweeper)
    cut_torn_line(Path(config.hydra.sweep.dir))
    storage = open_studies(Path(config.hydra.sweep.dir))
    ranges = [f"{name}={values}" for name, values in (sweeper.params or {}).items()]
    parser = OverridesParser.create(config_loader=config_loader)
    spaces = search_spaces(parser.parse_overrides([*ranges, *arguments]))
    for space in spaces:
        _Search(launcher, config_loader, config, space, storage, alone=len(spaces) == 1).run()


def _check(sweeper: DictConfig) -> None:
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise ValueError("sweeper=optuna is one process, which runs trials by a launcher: start it without torchrun")
    for name, valid in {"sampler": SAMPLERS, "pruner": PRUNERS}.items():
        if sweeper[name] not in valid:
            raise ValueError(f"hydra.sweeper.{name}={sweeper[name]!r}: must be one of {list(valid)}")
    least = {"n_trials": 1, "n_jobs": 1, "total_epochs": 1, "seed": 0, "startup_trials": 0, "warmup_epochs": 0}
    for name, bound in least.items():
        if sweeper[name] is not None and sweeper[name] < bound:
            raise ValueError(f"hydra.sweeper.{name} must be at least {bound}; got {sweeper[name]}")


def _without_hydra(config: DictConfig) -> dict[str, Any]:
    """The settings as they are written: ``${hydra:...}`` among them has a value in a job alone."""
    settings = cast(dict[str, Any], OmegaConf.to_container(config))
    del settings["hydra"]
    return settings


class _Search:
    """One study.

    Args:
        launcher: runs jobs.
        config_loader: composes them.
        config: the configuration of the sweep.
        space: what is searched.
        storage: where the study is kept.
        alone: whether it is the only one of its sweep, so that folders are named by trial alone.
    """

    def __init__(
        self, launcher: Any, config_loader: Any, config: DictConfig, space: Space, storage: Any, *, alone: bool
    ) -> None:
        import optuna

        self.launcher = launcher
        self.config_loader = config_loader
        self.config = config
        self.space = space
        self.alone = alone
        self.settings = config.hydra.sweeper
        fixed = [f"{name}={value}" for name, value in space.items() if isinstance(value, str)]
        composed = config_loader.load_sweep_config(config, fixed)
        choices = composed.hydra.runtime.choices
        self.name = f"{choices.model}-{choices.dataset}".replace("/", "_")  # of a folder, too
        self.study = optuna.create_study(
            study_name=self.name, storage=storage, direction="maximize", load_if_exists=True
        )
        keep_settings(self.study, _without_hydra(composed))
        budget = {name: self.settings[name] for name in ("n_trials", "total_epochs")}
        self.study.set_user_attr(BUDGET, budget | {"max_epochs": composed.trainer.max_epochs})
        self.study.set_user_attr(MONITOR, composed.trainer.monitor)
        self.error: Exception | None = None

    def run(self) -> None:
        """Runs trials until the budget is used up; those that a kill has cut off first."""
        trials = self.study.get_trials(deepcopy=False)
        cut = [trial.number for trial in trials if not trial.state.is_finished()]
        done = counts(trials)
        ended = done["complete"] + done["pruned"]  # those that failed are made up for
        print(f"study {self.name}: {ended} of {self.settings.n_trials} trials done", flush=True)
        while ended < self.settings.n_trials:
            size = min(self.settings.n_jobs, self.settings.n_trials - ended)
            batch = self._batch([*cut[:size], *[None] * (size - len(cut))])
            if not batch:
                break
            cut = cut[size:]
            ended += len(batch)
            returns = self.launcher.launch([words for _, words in batch], initial_job_idx=batch[0][0].number)
            for (trial, _), result in zip(batch, returns, strict=True):
                self._end(trial, result)
        if not counts(self.study.get_trials(deepcopy=False))["complete"]:
            raise self.error or ValueError(f"study {self.name}: no trial came to its end; another folder begins anew")

    def _batch(self, numbers: Sequence[int | None]) -> list[tuple["Trial", list[str]]]:
        """Trials that run at the same time and the words of each, as many as there are epochs for."""
        ended = [trial for trial in self.study.get_trials(deepcopy=False) if trial.state.is_finished()]
        budget = self.settings.total_epochs
        left = None if budget is None else budget - sum(map(epochs_of, ended))
        batch = []
        for number in numbers:
            if left is not None and left < 1:
                break
            trial = self._trial(number)
            words = self._words(trial)
            most = self.config_loader.load_sweep_config(self.config, words).trainer.max_epochs
            if left is not None:
                words += [f"trainer.max_epochs={left}"] if left < most else []
                left -= most
            batch.append((trial, words))
        return batch

    def _words(self, trial: "Trial") -> list[str]:
        """What the job of a trial is started with."""
        folder = str(trial.number) if self.alone else f"{self.name}-{trial.number}"
        trial.set_user_attr(FOLDER, folder)
        own = {"sweep.subdir": folder, "sweeper.study": self.name, "sweeper.trial": trial.number}
        values = {**self.space, **trial.params}
        return [
            *(f"{name}={value}" for name, value in values.items()),
            *(f"hydra.{name}={value}" for name, value in own.items()),
        ]

    def _end(self, trial: "Trial", result: JobReturn) -> None:
        """Writes into the study what became of a trial."""
        from optuna.trial import TrialState

        error = result._return_value if result.status is JobStatus.FAILED else None
        if error is None:
            self.study.tell(trial, float(result.return_value))
        elif isinstance(error, PrunedTrialError):
            self.study.tell(trial, state=TrialState.PRUNED)
        else:
            print(f"trial {trial.number} of {self.name} failed: {type(error).__name__}: {error}", flush=True)
            self.study.tell(trial, state=TrialState.FAIL)
            self.error = error

    def _trial(self, number: int | None) -> "Trial":
        """A trial that was cut off, or a new one, with all its values."""
        new = len(self.study.get_trials(deepcopy=False))
        self.study.sampler = make_sampler(self.settings.sampler, self.settings.seed, new if number is None else number)
        trial = self.study.ask() if number is None else open_trial(self.study, number)
        for name, value in self.space.items():
            if not isinstance(value, str):
                suggest(trial, name, value)
        return trial
