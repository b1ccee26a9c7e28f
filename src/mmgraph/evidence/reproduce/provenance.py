"""How figures came about: command, versions, machine, time; no name of a host, no path."""

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean

from mmgraph.evidence.finished import FinishedRun
from mmgraph.evidence.reproduce.collect import Found, dataset_name
from mmgraph.evidence.reproduce.request import Request, cores
from mmgraph.evidence.run_time import training_seconds
from mmgraph.pipeline.environment import versions
from mmgraph.training.progress import clock

HEAD = ("model", "data set", "seed", "words", "epochs", "best epoch", "minutes", "MiB", "device", "run", "commit")


def provenance(request: Request, runs: Sequence[FinishedRun]) -> list[str]:
    """Lines of Markdown."""
    lines = [f"- Command: `{request.command}`"]
    lines.append(f"- Versions: {', '.join(f'{name} {version}' for name, version in versions().items())}")
    lines.append(f"- Machine: {machine()}")
    if runs:
        spent = clock(sum(map(seconds, runs)))
        lines.append(f"- Runs: {len(runs)}, {spent} of training and ranking in all (epochs of median length)")
        lines += _data(runs)
        commits = sorted({run.report.git_commit[:12] for run in runs if run.report.git_commit})
        lines += [f"- Runs are of {len(commits)} commits: {', '.join(commits)}"] if len(commits) > 1 else []
    return lines


def _data(runs: Sequence[FinishedRun]) -> list[str]:
    """A line for each split: how large its parts are, and which features there are of how many dimensions."""
    dims: dict[tuple[str, str, str], dict[str, int]] = {}
    for run in runs:
        summary = run.report.dataset_summary
        parts = " / ".join(f"{summary[part]:,}" for part in ("train", "val", "test"))
        of_split = dims.setdefault((run.report.dataset, run.report.split_hash[:12], parts), {})
        of_split |= {name: modality["dim"] for name, modality in summary["modalities"].items()}
    return [
        f"- Data: {name}, {parts} interactions to train, validate and test (split `{digest}`); features: "
        f"{', '.join(f'{modality} {dim:,}-d' for modality, dim in sorted(found.items())) or 'none'}"
        for (name, digest, parts), found in sorted(dims.items())
    ]


def cost_table(request: Request, found: Found) -> list[str]:
    """What each row took, as lines of Markdown; nothing where nothing was trained."""
    if not found:
        return []
    lines = ["| row | data set | runs | epochs | minutes a run | MiB |", "| -- | -- | --: | --: | --: | --: |"]
    for (row, dataset), runs in found.items():
        epochs = fmean(len(run.report.history) for run in runs)
        minutes = fmean(map(seconds, runs)) / 60
        figures = f"{len(runs)} | {epochs:.0f} | {minutes:.1f} | {max(map(_memory, runs)):.0f}"
        label = f"{row.section}, {row.label}" if row.section else row.label
        lines.append(f"| {label} | {dataset_name(request.item, dataset)} | {figures} |")
    return [*lines, ""]


def machine() -> str:
    """What it ran on, without its name."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    memory = f", {pages / 2**30:.0f} GiB of memory" if pages else ""
    return f"{platform.machine()}, {cores()} cores{memory}, {platform.system()}"


def seconds(run: FinishedRun) -> float:
    """What a run took to train and to rank; 0 where that is not known."""
    return training_seconds(run.report) or 0.0


def run_lines(runs: Iterable[FinishedRun], folder: Path) -> list[list[object]]:
    """A line for each run.

    Args:
        runs: the runs.
        folder: of all runs, which paths are relative to.
    """
    return [_line(run, folder) for run in runs]


def _line(run: FinishedRun, folder: Path) -> list[object]:
    report = run.report
    return [
        report.model,
        report.dataset,
        report.seed,
        run.words,
        len(report.history),
        report.best_epoch,
        round(seconds(run) / 60, 2),
        round(_memory(run)),
        _device(run),
        os.path.relpath(run.folder, folder),
        report.git_commit or "",
    ]


def _device(run: FinishedRun) -> str:
    """The kind, whichever of them it was."""
    return run.report.device.partition(":")[0]


def _memory(run: FinishedRun) -> float:
    """MiB at the most, on the device where that is known."""
    peak = run.report.peak_memory_bytes
    return peak.get(_device(run), peak.get("cpu", 0)) / 2**20
