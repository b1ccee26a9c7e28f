"""Searches that survive a kill: a study in a file, which the same command goes on with."""

from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf, read_write

from mmgraph.cli.sweep import set_hydra_key, sweep_words


class StudyCallback(Callback):
    """Lets ``sweeper=optuna`` go on with its study where that was cut off; Optuna alone would begin to count anew.

    ``hydra.sweeper.n_trials`` becomes the trials of the whole study. What was being tried when the sweep was killed
    goes on as the same trial, in the run folder that bears its number. A sampler with a seed does not repeat its first
    draws. So at most one sweep may work on a study at a time.
    """

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Opens the study, or makes it, before the sweeper does; Hydra would turn an exception into a warning.

        Raises:
            SystemExit: if the study was begun with other words.
        """
        Path(config.hydra.sweep.dir).mkdir(parents=True, exist_ok=True)
        if config.hydra.sweeper.storage is None:
            return
        sweeper = config.hydra.sweeper
        study = _open(sweeper)
        words = sorted(sweep_words(config))
        begun = study.user_attrs.get("words", words)
        if begun != words:
            raise SystemExit(
                f"Error: the study {sweeper.study_name!r} in {sweeper.storage} was begun with\n  {' '.join(begun)}\n"
                f"not with\n  {' '.join(words)}\nFor another search name another study: hydra.sweeper.study_name=..."
            )
        study.set_user_attr("words", words)
        _go_on(study)
        done = sum(trial.state.name == "COMPLETE" for trial in study.trials)
        ended = sum(trial.state.is_finished() for trial in study.trials)
        print(f"study {sweeper.study_name} in {sweeper.storage}: {done} of {sweeper.n_trials} trials done", flush=True)
        set_hydra_key(config, "sweep.subdir", f"${{mmgraph.trial:${{hydra.job.num}},{ended}}}")
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


def _go_on(study: Any) -> None:
    """Puts the trials that a kill left open first in the queue, with the values that they have."""
    from optuna.trial import TrialState

    for trial in study.get_trials(states=[TrialState.RUNNING]):
        study._storage.set_trial_state(trial._trial_id, TrialState.WAITING)  # Optuna has no other word for it
