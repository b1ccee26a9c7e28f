"""What a search came to: its best trial, out of how many, for what budget."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmgraph.cli.study import BUDGET, FOLDER, MONITOR, STUDIES, counts, epochs_of, open_studies
from mmgraph.pipeline.run_folder import REPORT

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial


@dataclass(frozen=True)
class StudySummary:
    """A study as it is now.

    Attributes:
        name: model and data set.
        monitor: the validation metric.
        budget: ``n_trials``, ``max_epochs`` of each at the most, ``total_epochs`` of all or None.
        trials: all of them.
        best: the one with the highest value; None before one has come to its end.
    """

    name: str
    monitor: str
    budget: dict[str, int | None]
    trials: "list[FrozenTrial]"
    best: "FrozenTrial | None"

    @property
    def record(self) -> dict[str, Any]:
        """For the report of the best: out of how many it was chosen."""
        epochs = sum(map(epochs_of, self.trials))
        return {"study": self.name, "trials": len(self.trials), **counts(self.trials), "epochs": epochs, **self.budget}

    @property
    def sentence(self) -> str:
        """For people: the best, out of how many, for what budget."""
        record = self.record
        ends = ", ".join(f"{record[name]} {name}" for name in ("complete", "pruned", "failed"))
        together = "" if record["total_epochs"] is None else f", {record['total_epochs']} epochs together"
        tried = f"{record['trials']} trials ({ends}; {record['epochs']} epochs in all)"
        budget = f"budget {record['n_trials']} trials of at most {record['max_epochs']} epochs{together}"
        if self.best is None:
            return f"{self.name}: no best yet of {tried}; {budget}"
        values = " ".join(f"{name}={value}" for name, value in self.best.params.items())
        found = f"best {self.monitor} on validation {self.best.value:.5f}, trial {self.best.number} of {tried}"
        return f"{self.name}: {found}; {budget}: {values}"


def study_summaries(folder: Path) -> list[StudySummary]:
    """The searches in the folder of a sweep; none where that was a grid."""
    if not (folder / STUDIES).exists():
        return []
    import optuna

    storage = open_studies(folder)
    studies = [optuna.load_study(study_name=name, storage=storage) for name in optuna.get_all_study_names(storage)]
    return [_summary(study) for study in studies]


def _summary(study: Any) -> StudySummary:
    trials = study.get_trials()
    best = study.best_trial if counts(trials)["complete"] else None
    attributes = study.user_attrs
    return StudySummary(study.study_name, attributes[MONITOR], attributes[BUDGET], trials, best)


def record_searches(folder: Path, summaries: list[StudySummary]) -> None:
    """Has the report of the best trial of each search state out of how many it was chosen, and no other report."""
    from mmgraph.pipeline.report import load_report

    for summary in summaries:
        for trial, path in _reports(folder, summary):
            record = summary.record if summary.best is not None and trial.number == summary.best.number else None
            report = load_report(path)
            if report.search != record:
                dataclasses.replace(report, search=record).save(path)


def _reports(folder: Path, summary: StudySummary) -> "Iterator[tuple[FrozenTrial, Path]]":
    for trial in summary.trials:
        path = folder / trial.user_attrs.get(FOLDER, "") / REPORT
        if path.is_file():
            yield trial, path
