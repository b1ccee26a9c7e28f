"""``mmgraph-train``: trains a model and reports how it ranks. Heavy imports wait until there is something to run."""

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

import mmgraph
from mmgraph.cli.errors import FailedJobError, errors_of_others, friendly_errors
from mmgraph.cli.jobs import is_first_process, sweep_job
from mmgraph.cli.launch.job import Job, is_worker, launch, starts_workers
from mmgraph.cli.plugin_files import open_plugins
from mmgraph.cli.pruning import trial_of
from mmgraph.cli.resume import split_resume, stored_config
from mmgraph.cli.sweep import sweep_reported
from mmgraph.cli.threads import note_on_threads
from mmgraph.config.compose import PRIMARY, VERSION_BASE, check_words, compose_config, conf_dir, resolved, where_run
from mmgraph.config.hydra_node import check_environment
from mmgraph.config.options import check_config_dir
from mmgraph.config.words import Words, split_words
from mmgraph.pipeline.moved_data import absolute_paths
from mmgraph.pipeline.run_folder import CONFIG, REPORT
from mmgraph.processes.parent import ends_with_parent
from mmgraph.processes.restarts import note_run_dir, noted_run_dir
from mmgraph.terminal import PlainConsole

if TYPE_CHECKING:
    from mmgraph.training.trainer import OnEvaluation

_OF_LAUNCHERS = ("launcher=", "processes=", "hydra.", "hydra/")
"""How words begin that say where a run is started, and by what."""


def run(cfg: DictConfig, run_dir: Path, *, brief: bool = False, on_evaluation: "OnEvaluation | None" = None) -> float:
    """Trains by a resolved configuration, prints the summary; returns the validation metric, for sweepers.

    Args:
        cfg: the configuration.
        run_dir: the run's folder.
        brief: no summary of a run that was finished before.
        on_evaluation: looks at the history after each evaluation, and may end the run.
    """
    from mmgraph.cli.switches import set_switches

    set_switches()
    import torch

    from mmgraph.pipeline.report import summary_line, summary_table
    from mmgraph.pipeline.run import train

    is_finished = (run_dir / REPORT).exists()
    console = PlainConsole(quiet=not is_first_process())
    on_cpu = cfg.trainer.accelerator == "cpu" or not torch.cuda.is_available()
    if on_cpu and not is_finished and (note := note_on_threads(torch.get_num_threads())):
        console.print_line(note)
    report = train(cfg, run_dir, on_evaluation=on_evaluation).report
    if not (brief and is_finished):
        console.table(summary_table(report))
        console.print_line(summary_line(report))
    console.print_line(f"{'finished before; nothing changed in' if is_finished else 'written to'} {run_dir}")
    return report.val[cfg.trainer.monitor]


@hydra.main(version_base=VERSION_BASE, config_path=str(conf_dir()), config_name=PRIMARY)
def _train_by_hydra(cfg: DictConfig) -> float:
    check_environment(OmegaConf.to_container(HydraConfig.get(), resolve=False))  # of this job, whose words are its own
    run_dir = Path(HydraConfig.get().runtime.output_dir)
    if is_first_process():
        note_run_dir(run_dir)
    is_job = HydraConfig.get().mode is RunMode.MULTIRUN
    if is_first_process() and (run_dir / CONFIG).exists() and not is_job:
        raise FileExistsError(
            f"{run_dir} holds a run already: resume={run_dir} goes on with it; a new one needs another"
        )
    try:
        with sweep_job(HydraConfig.get()):
            watched = trial_of(cast(DictConfig, HydraConfig.get()), cfg.trainer.monitor)
            return run(absolute_paths(resolved(cfg)), run_dir, brief=is_job, on_evaluation=watched)
    except BaseException as error:
        if is_first_process() and run_dir.is_dir() and not any(run_dir.iterdir()):
            run_dir.rmdir()
        # A failed job of a sweep leaves the others to Hydra.
        if isinstance(error, Exception) and HydraConfig.get().mode is RunMode.RUN:
            raise FailedJobError(error) from error
        raise


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line: Hydra's words, or ``resume=<run dir>`` to go on with a killed run."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("RAY_DEDUP_LOGS", "0")  # else Ray hides lines of jobs that differ in numbers only
    with friendly_errors(words) as full:
        if "--version" in words:
            print(f"mmgraph {mmgraph.__version__}")
            return
        run_dir, others = split_resume(words)
        parsed = split_words(others)
        open_plugins()
        if is_worker():
            run_dir = run_dir or _gone_on_with()
        elif parsed.runs and (job := _job(parsed, run_dir)):
            with errors_of_others(full=full):
                launch(job, words)
            return
        if run_dir is not None and not parsed.options.help:
            _resume(run_dir, parsed)
            return
        sys.argv = [sys.argv[0], *_hydra_words(parsed)]
        with sweep_reported():
            _train_by_hydra()


def _gone_on_with() -> Path | None:
    """The run of the workers that torchrun had started before this one, if they had begun any."""
    if "TORCHELASTIC_RUN_ID" in os.environ and (end := ends_with_parent()):
        end()  # where the agent is lost its workers are, too
    run_dir = noted_run_dir()
    if run_dir is None or not (run_dir / CONFIG).exists():
        return None
    if is_first_process():
        print(f"torchrun has started {os.environ['WORLD_SIZE']} workers anew: going on with {run_dir}", flush=True)
    return run_dir


def _job(words: Words, resumed: Path | None) -> Job | None:
    """What starts the run elsewhere than in this process; None where this one is to run it, or a sweep."""
    if resumed is not None:  # the other words change its stored configuration
        words = words._replace(settings=[word for word in words.settings if word.startswith(_OF_LAUNCHERS)])
        if not words.settings:
            return None
    cfg = check_words(words)
    launcher = cfg.hydra.runtime.choices.launcher
    if not starts_workers(launcher, cfg.processes, sweeps=bool(words.options.multirun)):
        return None
    run_dir, settings = where_run(words)
    return Job(launcher, settings, run_dir if resumed is None else resumed.absolute(), cfg.processes)


def _resume(run_dir: Path, words: Words) -> None:
    if not words.runs:
        raise ValueError(
            f"resume={run_dir} goes on with a run: leave out {' '.join(words.flags)}; "
            f"{run_dir / CONFIG} shows its values"
        )
    config_dir = words.options.config_dir
    if config_dir is not None:
        check_config_dir(Path(config_dir).absolute(), conf_dir())
    run(stored_config(run_dir, words.settings, partial(compose_config, config_dir=config_dir)), run_dir)


def _hydra_words(words: Words) -> list[str]:
    path = words.options.config_path
    # Hydra would look beside the module that calls it.
    absolute = [] if path is None else ["--config-path", os.path.abspath(path)]
    # The other processes of torchrun write nothing; without this each would make a folder of its own.
    nowhere = [] if is_first_process() else ["hydra.run.dir=."]
    return [*words.settings, *nowhere, *words.flags, *absolute]


if __name__ == "__main__":
    main()
