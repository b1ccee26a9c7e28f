"""Losses and validation metrics by epoch, thinned to what a picture can show."""

from typing import Any

import numpy as np

from mmgraph.evidence.finished import FinishedRun, RunGroup
from mmgraph.evidence.page.plain import short

_POINTS = 120
_MOST_PANELS = 12


def curves(group: RunGroup, metric: str) -> dict[str, Any] | None:
    """The curves of all seeds; None where there are no epochs.

    Args:
        group: the runs.
        metric: a validation metric that is shown beside the monitored one.

    Returns:
        ``panels``: what is shown; ``runs``: of each seed its epochs, and a list of values for each panel.
    """
    columns = list(dict.fromkeys(name for run in group.runs for row in run.report.history for name in row))
    trainer = group.runs[0].report.config.get("trainer")
    monitored = trainer.get("monitor", metric) if isinstance(trainer, dict) else metric
    wanted = dict.fromkeys([f"val/{monitored}", f"val/{metric}", *(c for c in columns if c.startswith("loss/"))])
    panels = [name for name in wanted if name in columns][:_MOST_PANELS]
    if not panels:
        return None
    return {"panels": panels, "runs": [_of_run(run, panels) for run in group.runs]}


def _of_run(run: FinishedRun, panels: list[str]) -> dict[str, Any]:
    history = run.report.history
    best = run.report.best_epoch
    places = set(np.linspace(0, max(len(history) - 1, 0), _POINTS).round().astype(int).tolist())
    places |= {place for place, row in enumerate(history) if row.get("epoch") == best}
    rows = [history[place] for place in sorted(places) if place < len(history)]
    return {
        "seed": run.report.seed,
        "epochs": [row.get("epoch", place) for place, row in enumerate(rows)],
        "values": [[short(row.get(panel)) for row in rows] for panel in panels],
        "best": best,
        "resumed": run.report.resumed_at,
    }
