"""``mmgraph-evaluate <run dir> [words]``: ranks again with a run's best weights."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig, OmegaConf

from mmgraph.cli.errors import friendly_errors
from mmgraph.cli.parser import command_parser
from mmgraph.config.compose import compose_config
from mmgraph.pipeline.moved_data import move_data
from mmgraph.pipeline.run_folder import REPORT, open_config

if TYPE_CHECKING:
    from mmgraph.pipeline.report import RunReport

_PLACES = ("data_root", "dataset.root", "dataset.cache_dir")
_ALLOWED = (*_PLACES, "evaluator", "trainer.accelerator")
_EXAMPLES = """\
examples:
  mmgraph-evaluate outputs/my-run
  mmgraph-evaluate outputs/my-run data_root=/elsewhere
  mmgraph-evaluate outputs/my-run evaluator=strict 'evaluator.ks=[10,20]'

Nothing is written to the folder. The exit code is 1 where a metric differs from its report.json, or after an error.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line; prints the metrics and reports whether they equal the run's report."""
    parser = command_parser("mmgraph-evaluate", __doc__, _EXAMPLES)
    parser.add_argument("run_dir", type=Path, help="folder of a run: config.yaml, checkpoint.pt, report.json")
    parser.add_argument(
        "words",
        nargs="*",
        default=[],
        help="where the data lie now (data_root=..., dataset.root=...), or how else to rank (evaluator=strict, "
        "evaluator.ks=[10,20], trainer.accelerator=cpu)",
    )
    options = parser.parse_args(arguments)
    with friendly_errors(options.words):
        evaluate(options.run_dir, options.words)


def evaluate(run_dir: Path, words: Sequence[str] = ()) -> None:
    """Repeats the evaluation of validation and test and compares it with ``report.json``.

    Without a report (the run was cut off) the best weights so far are ranked; with another evaluator than the run's
    there is nothing to compare.

    Args:
        run_dir: the run's folder, in which nothing is written.
        words: where the data lie now, or how else to rank.

    Raises:
        ValueError: if a metric differs from the report's by more than rounding, or a word would change what was
            trained.
        FileNotFoundError: if there is no run, or no weights of one yet.
    """
    from mmgraph.cli.switches import set_switches

    set_switches()
    from mmgraph.cli.list_progress import shown_progress
    from mmgraph.pipeline.report import load_report
    from mmgraph.pipeline.run import evaluate as rank_split
    from mmgraph.pipeline.run import restore

    stored = open_config(run_dir)
    cfg = _ranked_by(stored, words)
    report = load_report(run_dir / REPORT) if (run_dir / REPORT).exists() else None
    parts = restore(run_dir, cfg)
    compared = report if cfg.evaluator == stored.evaluator else None
    for split in parts.evaluator.splits:
        with shown_progress(parts.evaluator.num_users(split), f"{split} users") as progress:
            evaluation = rank_split(parts, split, on_ranked=progress.advance)
        _show(run_dir, split, evaluation.metrics, compared)
    print(_verdict(run_dir, report, compared))


def _ranked_by(stored: DictConfig, words: Sequence[str]) -> DictConfig:
    """The run's configuration with other places and another evaluator."""
    for word in words:
        key = word.lstrip("+~").partition("=")[0]
        if not any(key == allowed or key.startswith(f"{allowed}.") for allowed in _ALLOWED):
            raise ValueError(
                f"{word}: this would change what was trained. mmgraph-evaluate takes {', '.join(_ALLOWED)}; train anew "
                "for anything else"
            )
    cfg = move_data(stored, words)
    others = [word for word in words if not word.startswith(_PLACES)]
    if any(word.startswith("evaluator=") for word in others):
        cfg.evaluator = compose_config(others).evaluator
        return cfg
    before = compose_config([])
    after = compose_config(others)
    for key in ("evaluator", "trainer"):
        for name, value in after[key].items():
            if value != before[key].get(name):
                OmegaConf.update(cfg, f"{key}.{name}", value, merge=False)
    return cfg


def _show(run_dir: Path, split: str, metrics: dict[str, float], report: "RunReport | None") -> None:
    reported = {} if report is None else getattr(report, split)
    print(split)
    for name, value in metrics.items():
        print(f"  {name:<24} {value:.6f}")
        if report is None:
            continue
        if name not in reported:
            raise ValueError(f"{run_dir / REPORT} lacks {split} {name}, which is {value} now: the file was changed")
        if not math.isclose(value, reported[name], rel_tol=1e-6, abs_tol=1e-9):
            raise ValueError(f"{run_dir}: {split} {name} is {value} now, {reported[name]} in {REPORT}")


def _verdict(run_dir: Path, report: "RunReport | None", compared: "RunReport | None") -> str:
    if compared is not None:
        return f"equal to {run_dir / REPORT}"
    if report is not None:
        return f"not compared with {run_dir / REPORT}, which is of another evaluator"
    return f"the run has not ended: these are its best weights so far; resume={run_dir} goes on with it"


if __name__ == "__main__":
    main()
