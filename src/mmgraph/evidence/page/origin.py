"""Where runs come from: folders, versions, machine, hashes, and where they were cut off."""

from pathlib import Path
from typing import Any

from mmgraph.evidence.finished import FinishedRun, RunGroup

_SHOWN_HASH = 16


def origin(group: RunGroup) -> list[dict[str, str]]:
    """What each run states, by name, in the order of the seeds.

    Of the folder only its name: the page is made to be handed on.
    """
    return [_of_run(run) for run in group.runs]


def _of_run(run: FinishedRun) -> dict[str, str]:
    report = run.report
    stated: dict[str, Any] = {
        "seed": report.seed,
        "folder": run.folder.name,
        "ended": report.created,
        "best epoch": report.best_epoch,
        "epochs": len(report.history) or None,
        "cut off and resumed at epoch": ", ".join(map(str, report.resumed_at)) or None,
        "device": report.device,
        "machine": report.machine,
        "commit": report.git_commit,
        **report.versions,
        "split hash": report.split_hash[:_SHOWN_HASH],
        "feature hash": report.feature_hash and report.feature_hash[:_SHOWN_HASH],
        "configuration hash": report.configuration_hash and report.configuration_hash[:_SHOWN_HASH],
        "warm start": report.warm_start and Path(str(report.warm_start.get("run"))).name,
    }
    return {name: str(value) for name, value in stated.items() if value is not None}
