"""The report of a run: what was trained, on what, with what outcome; written whole or not at all."""

import dataclasses
import json
import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from statistics import median
from typing import Any, get_origin

from rich.table import Table
from rich.text import Text

from mmgraph.files import atomic_write
from mmgraph.pipeline.environment import git_commit, machine, peak_memory_bytes, versions
from mmgraph.terminal import printable

_METRIC = re.compile(r"[^@]+@[0-9]{1,9}")
_LATER = (
    "feature_hash",
    "configuration_hash",
    "warm_start",
    "selection",
    "search",
    "control",
    "fusion",
    "parameters",
    "fit_seconds",
    "resumed_at",
    "machine",
)
_LARGEST = 1e300
"""JSON has whole numbers that are too large for a float."""


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """Everything a run has to report, as plain data; figures are unrounded.

    Args:
        model: name of the model.
        dataset: name of the data set.
        dataset_summary: its counts.
        split_hash: hash of the content of the split.
        seed: seed of the run.
        config: the resolved configuration.
        val: validation metrics of the best weights, ``{"recall@20": 0.0812, ...}``.
        test: test metrics of the same weights.
        best_epoch: epoch of the best weights, from 0; None without epochs.
        history: one flat record an epoch; ``seconds`` and ``evaluation_seconds`` in it are those the medians are of.
        device: what it ran on.
        feature_hash: hash of the items' features; None in reports of earlier versions.
        configuration_hash: hash of the settings; None in reports of earlier versions.
        warm_start: the run whose weights it began with, their hash, and how many users and items it knew; None where
            it began with weights of its own.
        selection: where the best epoch was chosen on a sample of the validation users: ``users`` in it, ``of`` how
            many, and its ``metrics`` there; None where all of them chose.
        search: of the best trial of a search: ``trials`` out of which it was chosen by validation, how many of these
            were ``complete``, ``pruned`` and ``failed``, their ``epochs`` together, and the budget that they had.
        control: what was changed in the features, as :meth:`mmgraph.datasets.Control.record` has it; None: nothing.
        fusion: the runs whose scores were added, with their weights; None of a run that was trained.
        parameters: how many numbers the model learns; None in reports of earlier versions, as are the next ones.
        fit_seconds: time of training, evaluations during it included; of a resumed run, that of the epochs that count.
        resumed_at: the epochs with which it was gone on, each time it had been cut off.
        machine: what kind of machine; the one here, unless given.
        peak_memory_bytes: by kind of memory; so far, unless given.
        versions: of Python and packages; the ones here, unless given.
        git_commit: of the code; None outside a repository.
        created: time in ISO format, UTC; now, unless given.

    Example:
        >>> report = RunReport(
        ...     model="mf_bpr", dataset="tiny", dataset_summary={"users": 3}, split_hash="c0ffee", seed=0, config={},
        ...     val={"recall@20": 0.5}, test={"recall@20": 0.25}, best_epoch=1, device="cpu",
        ...     history=[{"epoch": 0, "seconds": 2.0}, {"epoch": 1, "seconds": 1.0}],
        ... )
        >>> report.seconds_per_epoch, report.seconds_per_evaluation
        (1.5, None)
    """

    model: str
    dataset: str
    dataset_summary: dict[str, Any]
    split_hash: str
    seed: int
    config: dict[str, Any]
    val: dict[str, float]
    test: dict[str, float]
    best_epoch: int | None
    history: list[dict[str, Any]]
    device: str
    feature_hash: str | None = None
    configuration_hash: str | None = None
    warm_start: dict[str, Any] | None = None
    selection: dict[str, Any] | None = None
    search: dict[str, Any] | None = None
    control: dict[str, Any] | None = None
    fusion: dict[str, Any] | None = None
    parameters: int | None = None
    fit_seconds: float | None = None
    resumed_at: list[int] = field(default_factory=list)
    machine: str | None = field(default_factory=machine)
    peak_memory_bytes: dict[str, int] = field(default_factory=peak_memory_bytes)
    versions: dict[str, str] = field(default_factory=versions)
    git_commit: str | None = field(default_factory=git_commit)
    created: str = field(default_factory=lambda: datetime.now(timezone.utc).isoformat(timespec="seconds"))

    @property
    def seconds_per_epoch(self) -> float | None:
        """Median time of training an epoch."""
        return self._median("seconds")

    @property
    def seconds_per_evaluation(self) -> float | None:
        """Median time of ranking the validation split."""
        return self._median("evaluation_seconds")

    def _median(self, key: str) -> float | None:
        times = [record[key] for record in self.history if key in record]
        return median(times) if times else None

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the report as JSON; ``path`` has the old content or all of the new one, whatever happens.

        Raises:
            ValueError: if a number is NaN or infinite; nothing is written.
        """
        content = dataclasses.asdict(self) | {
            "seconds_per_epoch": self.seconds_per_epoch,
            "seconds_per_evaluation": self.seconds_per_evaluation,
        }
        bad = list(non_finite(content, "report"))
        if bad:
            raise ValueError(f"every number of a report must be finite; got {', '.join(bad)}")
        with atomic_write(Path(path)) as file:
            json.dump(content, file, indent=2, allow_nan=False)
        return Path(path)


def load_report(path: str | os.PathLike[str]) -> RunReport:
    """Reads what :meth:`RunReport.save` wrote.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is not a report.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        report = RunReport(**{"machine": None, **{name: content[name] for name in _fields_of(content)}})
        _check_types(report)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"there is no {path}: the run has not ended. It goes on by resume={Path(path).parent}, or by the "
            "mmgraph.run that began it, with the same folder="
        ) from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path} is not a report that RunReport.save wrote: {type(error).__name__} {error}") from error
    return report


def _fields_of(content: Any) -> list[str]:
    """Names of the fields to read; those that came later may be absent."""
    return [item.name for item in dataclasses.fields(RunReport) if item.name not in _LATER or item.name in content]


def _check_types(report: RunReport) -> None:
    """Refuses what a damaged file may hold in place of text, numbers and mappings."""
    for item in dataclasses.fields(report):
        value = getattr(report, item.name)
        kind = get_origin(item.type) or item.type
        if kind in (str, int, dict, list) and not isinstance(value, kind):
            raise TypeError(f"{item.name} must be of type {kind.__name__}, got {value!r:.80}")
    for name in ("val", "test"):
        found = getattr(report, name)
        if not _has_numbers(found) or not all(map(_METRIC.fullmatch, found)):
            raise TypeError(f"{name} must hold a number for each metric@k, got {found!r:.80}")
    if not all(map(_has_numbers, report.history)):
        raise TypeError("history must hold a mapping to numbers for each epoch")
    stated = {name: value for name in ("parameters", "fit_seconds") if (value := getattr(report, name)) is not None}
    if not _has_numbers(stated | dict(enumerate(report.resumed_at))):
        raise TypeError(
            f"{', '.join(stated)} and resumed_at must be numbers, got {stated} and {report.resumed_at!r:.80}"
        )
    if report.selection is not None and not _has_sizes(report.selection):
        raise TypeError(f"selection must hold the numbers 'users' and 'of', got {report.selection!r:.80}")
    if not _has_numbers(report.peak_memory_bytes):
        raise TypeError(f"peak_memory_bytes must hold a number for each kind, got {report.peak_memory_bytes!r:.80}")


def _has_numbers(found: Any) -> bool:
    """Whether it is a mapping to numbers that can be computed with."""
    return isinstance(found, dict) and all(isinstance(x, float | int) and abs(x) < _LARGEST for x in found.values())


def _has_sizes(selection: Any) -> bool:
    """Whether it states how many users of how many a best epoch was chosen on."""
    return isinstance(selection, dict) and _has_numbers({name: selection.get(name) for name in ("users", "of")})


def metrics_and_lengths(report: RunReport) -> tuple[list[str], list[int]]:
    """The metrics that a report has, in its order, and the lengths of lists that they are of."""
    names = list(dict.fromkeys([*report.val, *report.test]))
    metrics = list(dict.fromkeys(name.partition("@")[0] for name in names))
    return metrics, sorted({int(name.partition("@")[2]) for name in names})


def summary_table(report: RunReport) -> Table:
    """The metrics of both splits by list length, for people at a terminal."""
    metrics, ks = metrics_and_lengths(report)
    table = Table(title=Text(printable(f"{report.model} on {report.dataset}, seed {report.seed}")))
    table.add_column("split")
    table.add_column("metric")
    for k in ks:
        table.add_column(f"@{k}", justify="right")
    for split, values in (("val", report.val), ("test", report.test)):
        for metric in metrics:
            cells = [f"{values[name]:.4f}" if (name := f"{metric}@{k}") in values else "-" for k in ks]
            named = (split if metric == metrics[0] else "", Text(printable(metric)))
            table.add_row(*named, *cells, end_section=metric == metrics[-1])
    return table


def summary_line(report: RunReport) -> str:
    """Best epoch, times and memory of a run, for people at a terminal."""
    last = len(report.history) - 1
    parts = ["no epochs" if report.best_epoch is None else f"best epoch {report.best_epoch} of 0 to {last}"]
    if report.selection is not None:
        parts.append(f"chosen on a sample of {report.selection['users']:,} of {report.selection['of']:,} users")
    if report.seconds_per_epoch is not None:
        parts.append(f"{report.seconds_per_epoch:.2f} s an epoch")
    if report.seconds_per_evaluation is not None:
        parts.append(f"{report.seconds_per_evaluation:.2f} s an evaluation")
    parts += [f"{size / 2**20:,.0f} MiB {kind} at most" for kind, size in report.peak_memory_bytes.items()]
    return ", ".join(parts)


def non_finite(value: Any, name: str) -> Iterator[str]:
    """Names and values of the numbers in nested mappings and lists that are NaN or infinite.

    >>> list(non_finite({"lr": float("inf"), "ks": [5]}, ""))
    ['lr = inf']
    """
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{name} = {value}"
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    for key, child in children:
        yield from non_finite(child, f"{name}.{key}" if name else str(key))
