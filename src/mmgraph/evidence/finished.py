"""Finished runs as evidence: reports, what was found for each user, and which runs differ in the seed alone."""

import json
import math
import warnings
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mmgraph.evaluation import Hits
from mmgraph.evidence.settings import settings_of
from mmgraph.pipeline.hits import HITS, read_hits, write_hits
from mmgraph.pipeline.report import RunReport, load_report
from mmgraph.pipeline.run import evaluate, restore
from mmgraph.pipeline.run_folder import IDENTITY, REPORT, as_folder

_NOT_WORDS = ("model=", "dataset=", "seed=", "hydra.", "data_root=", "dataset.root=", "dataset.cache_dir=", "logger")
_CLOSE = 1e-6
_NAMED = 3
"""Folders that a warning names."""


@dataclass(frozen=True)
class FinishedRun:
    """The folder of a run that has ended.

    Args:
        folder: where it lies.
        report: what it reported.
    """

    folder: Path
    report: RunReport

    @classmethod
    def open(cls, folder: Any) -> "FinishedRun":
        """Reads the report.

        Raises:
            FileNotFoundError: if there is no run, or it has not ended.
            ValueError: if the report is damaged.
        """
        path = as_folder(folder)
        return cls(path, load_report(path / REPORT))

    @cached_property
    def hits(self) -> dict[str, Hits]:
        """What was found for each user, by split; a run of an earlier version is ranked again, once.

        Raises:
            ValueError: if the file is damaged, or says something else than the report.
        """
        if not (self.folder / HITS).is_file():
            parts = restore(self.folder)
            write_hits(self.folder, {split: evaluate(parts, split).hits for split in parts.evaluator.splits})
        found = read_hits(self.folder)
        for split in found:
            self._check(split, found[split])
        return found

    def _check(self, split: str, hits: Hits) -> None:
        """Refuses a file that is another run's: means over users are those of the report."""
        reported: dict[str, float] = getattr(self.report, split, {})
        name = next((name for name in reported if name.startswith("recall@")), None)
        if name is None:
            return
        mean = float(hits.value(name).mean())
        if not math.isclose(mean, reported[name], rel_tol=_CLOSE, abs_tol=_CLOSE):
            raise ValueError(
                f"{self.folder / HITS}: its mean of {split} {name} is {mean:.6f}, that of {REPORT} "
                f"{reported[name]:.6f}: one of them was changed; delete {HITS}, and it is made anew from the weights"
            )

    @property
    def words(self) -> str:
        """What was said on the command line beside model, data set, seed and places."""
        return " ".join(word for word in self.report.config.get("overrides", []) if not word.startswith(_NOT_WORDS))

    @property
    def name(self) -> str:
        """The model and the words that were said beside, for a row of a table."""
        return f"{self.report.model} {self.words}".strip()

    @cached_property
    def identity(self) -> str:
        """All that was configured but the seed, where things lie and what ran them: equal for runs that share a row."""
        # A control draws other features for each seed; which one it is, the configuration has.
        features = None if self.report.control else self.report.feature_hash
        is_warm = self.report.warm_start is not None
        settings = settings_of(self.report.config)
        stated = [is_warm, self.report.model, self.report.dataset, self.report.split_hash, features, settings]
        return json.dumps(stated, sort_keys=True)


@dataclass(frozen=True)
class RunGroup:
    """Runs that differ in their seed alone, by ascending seed.

    Args:
        runs: one or more.
    """

    runs: Sequence[FinishedRun]

    @property
    def name(self) -> str:
        """As of each run."""
        return self.runs[0].name

    @property
    def seeds(self) -> list[int]:
        """The seeds, ascending."""
        return [run.report.seed for run in self.runs]

    def metric(self, split: str, name: str) -> list[float]:
        """A metric of each run.

        Raises:
            ValueError: if a report lacks it.
        """
        return [_reported(run, split, name) for run in self.runs]


def _reported(run: FinishedRun, split: str, name: str) -> float:
    reported: dict[str, float] = getattr(run.report, split)
    if name not in reported:
        raise ValueError(f"{run.folder / REPORT} has no {split} {name}; it has: {', '.join(reported)}")
    return reported[name]


def find_runs(folders: Iterable[Any]) -> list[FinishedRun]:
    """Finished runs in or below folders, by path; runs that have not ended are left out, and a warning names them.

    Args:
        folders: folders of runs, or folders that hold some at any depth.

    Raises:
        FileNotFoundError: if a folder is not there, or holds no finished run.
        ValueError: if a report is damaged.
    """
    found: dict[Path, FinishedRun] = {}
    for folder in map(as_folder, folders):
        if not folder.is_dir():
            raise FileNotFoundError(f"there is no folder {folder}")
        reports = sorted(folder.rglob(REPORT))
        if not reports:
            raise FileNotFoundError(f"{folder} holds no {REPORT} at any depth: no run in it has ended")
        _warn_of_unfinished(folder)
        found |= {path.parent: FinishedRun.open(path.parent) for path in reports if path.parent not in found}
    return list(found.values())


def _warn_of_unfinished(folder: Path) -> None:
    begun = sorted(path.parent for path in folder.rglob(IDENTITY))
    unfinished = [str(run) for run in begun if not (run / REPORT).is_file()]
    if unfinished:
        named = ", ".join(unfinished[:_NAMED]) + (", ..." if len(unfinished) > _NAMED else "")
        why = f"they have no {REPORT}, being under way, cut off, pruned or failed"
        warnings.warn(f"{len(unfinished)} of {len(begun)} runs are left out, as {why}: {named}", stacklevel=3)


def group_by_seed(runs: Iterable[FinishedRun]) -> list[RunGroup]:
    """Runs that are equal in all but the seed, together; the groups in the order of their first runs.

    The same run in two folders counts once.
    """
    groups: defaultdict[str, dict[int, FinishedRun]] = defaultdict(dict)
    for run in runs:
        groups[run.identity].setdefault(run.report.seed, run)
    return [RunGroup([by_seed[seed] for seed in sorted(by_seed)]) for by_seed in groups.values()]
