"""Searches that survive a kill: a study in a file, which the same command goes on with."""

import warnings
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf, read_write


class StudyCallback(Callback):
    """Lets ``sweeper=optuna`` go on with its study where that was cut off; Optuna alone would begin to count anew.

    ``hydra.sweeper.n_trials`` becomes the trials of the whole study. What was being tried when the sweep was killed is
    tried again, in a run folder of its own. A sampler with a seed does not repeat its first draws. So at most one sweep
    may work on a study at a time.
    """

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Opens the study, or makes it, before the sweeper does; Hydra would turn an exception into a warning.

        Raises:
            SystemExit: if the study was begun with other words.
        """
        Path(config.hydra.sweep.dir).mkdir(parents=True, exist_ok=True)
        if config.hydra.sweeper.storage is None:
            return
        study, sweeper = _open(config.hydra.sweeper), config.hydra.sweeper
        words = _words(config)
        begun = study.user_attrs.get("words", words)
        if begun != words:
            raise SystemExit(
                f"Error: the study {sweeper.study_name!r} in {sweeper.storage} was begun with\n  {' '.join(begun)}\n"
                f"not with\n  {' '.join(words)}\nFor another search name another study: hydra.sweeper.study_name=..."
            )
        study.set_user_attr("words", words)
        _try_again(study)
        done = sum(trial.state.name == "COMPLETE" for trial in study.trials)
        print(f"study {sweeper.study_name} in {sweeper.storage}: {done} of {sweeper.n_trials} trials done", flush=True)
        with read_write(config):
            sweeper.n_trials = max(sweeper.n_trials - done, 0)
            if sweeper.sampler.get("seed") is not None:
                sweeper.sampler.seed += len(study.trials)

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Prints the best values found."""
        best = OmegaConf.load(Path(config.hydra.sweep.dir) / "optimization_results.yaml")
        values = " ".join(f"{name}={value}" for name, value in best.best_params.items())
        print(f"best {config.trainer.monitor} on validation: {best.best_value:.5f} with {values}")


def _open(sweeper: DictConfig) -> Any:
    """The study that the sweeper will find; SQLite makes a file, but no folder for it."""
    import optuna
    from sqlalchemy.engine import make_url

    url = make_url(sweeper.storage)
    if url.drivername.startswith("sqlite") and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    direction = getattr(sweeper.direction, "name", sweeper.direction)
    return optuna.create_study(
        study_name=sweeper.study_name, storage=sweeper.storage, direction=direction, load_if_exists=True
    )


def _words(config: DictConfig) -> list[str]:
    """What is searched: the command line without where it runs, and the ranges of ``hydra.sweeper.params``."""
    ranges = OmegaConf.to_container(config.hydra.sweeper.get("params") or OmegaConf.create({}))
    assert isinstance(ranges, dict)
    words = [word for word in config.hydra.overrides.task if not word.startswith("launcher=")]
    return sorted([*words, *(f"{name!s}={values}" for name, values in ranges.items())])


def _try_again(study: Any) -> None:
    """Closes the trials that a kill left open and puts their values first in the queue."""
    from optuna.exceptions import ExperimentalWarning
    from optuna.trial import TrialState

    for trial in study.get_trials(states=[TrialState.RUNNING]):
        study.tell(trial.number, state=TrialState.FAIL)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            study.enqueue_trial(trial.params)
