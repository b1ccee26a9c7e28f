"""A table of quality from the reports of finished runs.

    python benchmarks/results.py RUNS...

Runs of the same data set, model, settings and kind of device that differ in their seed share a row: mean, deviation
over the seeds. The memory is what a run's tensors took on a GPU where that is known, else the process's peak.
"""

import argparse
import json
import statistics
from collections import defaultdict
from pathlib import Path

from mmgraph.evidence.finished import settings_of
from mmgraph.pipeline.report import RunReport, load_report

METRICS = ("recall@20", "ndcg@20")
HEADER = ("data set", "model", "words", "seeds", "val recall@20", *(f"test {metric}" for metric in METRICS))
HEADER += ("epochs", "device", "s/epoch", "s/eval", "minutes in all", "MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, help="run folders, or folders that hold some at any depth")
    groups = defaultdict(list)
    for report in find_reports(parser.parse_args().runs):
        groups[report.dataset, report.model, identity(report), device(report)].append(report)
    print(f"| {' | '.join(HEADER)} |")
    print(f"|{' -- |' * len(HEADER)}")
    for (dataset, model, *_), reports in sorted(groups.items()):
        print(f"| {dataset} | {model} | {words(reports[0])} | {cells(reports)} |")
    hashes = sorted({(report.dataset, report.split_hash[:12]) for reports in groups.values() for report in reports})
    print("\nSplit hashes: " + ", ".join(f"{dataset} `{split_hash}`" for dataset, split_hash in hashes) + ".")


def find_reports(folders: list[Path]) -> list[RunReport]:
    paths = sorted(path for folder in folders for path in folder.rglob("report.json"))
    if not paths:
        raise SystemExit(f"no report.json below {', '.join(map(str, folders))}")
    return [load_report(path) for path in paths]


def identity(report: RunReport) -> str:
    """All that was configured but the seed and where things lie: equal for runs that share a row."""
    return json.dumps([report.warm_start is not None, settings_of(report.config)], sort_keys=True)


def device(report: RunReport) -> str:
    """The kind of device, whichever of them it was: ``cpu``, ``cuda`` or ``mps``."""
    return report.device.partition(":")[0]


def memory(report: RunReport) -> float:
    """MiB at the most, on the device where that is known (not on ``mps``)."""
    peak = report.peak_memory_bytes
    return peak.get(device(report), peak["cpu"]) / 2**20


def words(report: RunReport) -> str:
    """What was said on the command line beside model, data set and seed."""
    known = ("model=", "dataset=", "seed=", "hydra.", "data_root=", "trainer.accelerator=")
    return " ".join(word for word in report.config["overrides"] if not word.startswith(known))


def cells(reports: list[RunReport]) -> str:
    def spread(values: list[float]) -> str:
        deviation = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
        return f"{statistics.mean(values):.4f}{deviation}"

    def typical(values: list[float | None]) -> str:
        known = [value for value in values if value is not None]
        return f"{statistics.median(known):.2f}" if known else "-"

    columns = [
        ", ".join(str(seed) for seed in sorted(report.seed for report in reports)),
        spread([report.val["recall@20"] for report in reports]),
        *(spread([report.test[metric] for report in reports]) for metric in METRICS),
        ", ".join(str(len(report.history)) for report in reports),
        device(reports[0]),
        typical([report.seconds_per_epoch for report in reports]),
        typical([report.seconds_per_evaluation for report in reports]),
        f"{sum(row['seconds'] + row.get('evaluation_seconds', 0) for r in reports for row in r.history) / 60:.0f}",
        f"{max(memory(report) for report in reports):,.0f}",
    ]
    return " | ".join(columns)


if __name__ == "__main__":
    main()
