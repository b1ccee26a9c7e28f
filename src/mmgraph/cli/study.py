"""The studies of a search: a file in the sweep's folder, which the same command goes on with."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf

from mmgraph.pipeline.run_folder import list_changes

if TYPE_CHECKING:
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler
    from optuna.storages import JournalStorage
    from optuna.study import Study
    from optuna.trial import FrozenTrial, Trial

STUDIES = "search.journal"
"""One line of JSON for each thing that happened: Optuna's own format, which every process of a search appends to."""
BUDGET = "budget"  # these are kept with a study,
MONITOR = "monitor"
SETTINGS = "settings"
FOLDER = "folder"  # and this with a trial
SAMPLERS = ("tpe", "random")
PRUNERS = ("median", "none")


def open_studies(folder: Path) -> "JournalStorage":
    """What is known of the searches in a folder.

    Args:
        folder: of the sweep.

    Raises:
        ModuleNotFoundError: without Optuna, or with one before 4.
    """
    import optuna
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.storages.JournalStorage(JournalFileBackend(str(folder / STUDIES)))


def cut_torn_line(folder: Path) -> None:
    """Leaves out what a machine that went down was writing last; only before anybody opens the file."""
    path = folder / STUDIES
    content = path.read_bytes() if path.exists() else b""
    if content and not content.endswith(b"\n"):
        with path.open("r+b") as file:
            file.truncate(content.rfind(b"\n") + 1)


def keep_settings(study: "Study", settings: dict[str, Any]) -> None:
    """Notes what the trials of a study share when it begins, and compares it when it goes on.

    Args:
        study: that begins or goes on.
        settings: of the configuration that its words compose now, whatever is searched aside.

    Raises:
        ValueError: if the words compose another configuration by now; names the keys.
    """
    begun = study.user_attrs.get(SETTINGS)
    if begun is None:
        study.set_user_attr(SETTINGS, settings)
    elif listed := list_changes(OmegaConf.create(begun), OmegaConf.create(settings)):
        raise ValueError(
            f"study {study.study_name} began with another configuration ({listed}): its trials would not be "
            "comparable. Put back what was there, or begin a new search in another folder (hydra.sweep.dir=...)"
        )


def make_sampler(name: str, seed: int | None, trial: int) -> "BaseSampler":
    """What draws the values of one trial: a search that was cut off draws on as if it had not been.

    Args:
        name: ``tpe`` or ``random``.
        seed: of the search; None: other values each time.
        trial: its number.
    """
    import numpy as np
    import optuna

    own = None if seed is None else int(np.random.SeedSequence([seed, trial]).generate_state(1)[0])
    if name == "random":
        return optuna.samplers.RandomSampler(seed=own)
    return optuna.samplers.TPESampler(seed=own)


def make_pruner(name: str, startup_trials: int, warmup_epochs: int) -> "BasePruner":
    """What ends trials that are worse than others were after as many epochs."""
    import optuna

    if name == "none":
        return optuna.pruners.NopPruner()
    return optuna.pruners.MedianPruner(n_startup_trials=startup_trials, n_warmup_steps=warmup_epochs)


def epochs_of(trial: "FrozenTrial") -> int:
    """How many epochs a trial has trained: the last of a run is always reported, and so is that of a pruned one."""
    return max(trial.intermediate_values, default=-1) + 1


def counts(trials: Sequence["FrozenTrial"]) -> dict[str, int]:
    """How many trials came to their end, were pruned, or failed."""
    ends = {"complete": "COMPLETE", "pruned": "PRUNED", "failed": "FAIL"}
    return {name: sum(trial.state.name == state for trial in trials) for name, state in ends.items()}


def open_trial(study: "Study", number: int) -> "Trial":
    """A trial that was begun before, in another process perhaps, with the values that it has."""
    from optuna.trial import Trial

    (found,) = (trial for trial in study.get_trials(deepcopy=False) if trial.number == number)
    return Trial(study, found._trial_id)  # Optuna has no other way to find a trial again


def suggest(trial: "Trial", name: str, distribution: Any) -> Any:
    """The value that a trial has, or draws now."""
    from optuna.distributions import CategoricalDistribution, IntDistribution

    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(name, distribution.choices)
    draw = trial.suggest_int if isinstance(distribution, IntDistribution) else trial.suggest_float
    step = {} if distribution.step is None else {"step": distribution.step}
    return draw(name, distribution.low, distribution.high, log=distribution.log, **step)
