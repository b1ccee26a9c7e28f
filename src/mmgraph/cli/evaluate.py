"""``mmgraph-evaluate <run dir>``: ranks again with a finished run's best weights."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmgraph.cli.errors import friendly_errors


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line; prints the metrics and says whether they equal the run's report."""
    parser = argparse.ArgumentParser(prog="mmgraph-evaluate", description=__doc__.replace("``", ""))
    parser.add_argument("run_dir", type=Path, help="folder of a run: config.yaml, checkpoint.pt, report.json")
    options = parser.parse_args(arguments)
    with friendly_errors([]):
        evaluate(options.run_dir)


def evaluate(run_dir: Path) -> None:
    """Repeats the evaluation of validation and test and compares it with ``report.json``.

    Raises:
        ValueError: if a metric differs from the report's by more than rounding.
    """
    import math

    from mmgraph.cli.run import REPORT, rank, restore
    from mmgraph.evaluation import load_report

    report = load_report(run_dir / REPORT)
    parts = restore(run_dir)
    for split, reported in (("val", report.val), ("test", report.test)):
        metrics = rank(parts, split)
        print(split)
        for name, value in metrics.items():
            print(f"  {name:<24} {value:.6f}")
            if not math.isclose(value, reported[name], rel_tol=1e-6, abs_tol=1e-9):
                raise ValueError(f"{run_dir}: {split} {name} is {value} now, {reported[name]} in {REPORT}")
    print(f"equal to {run_dir / REPORT}")
