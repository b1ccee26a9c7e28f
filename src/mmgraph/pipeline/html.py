"""A run as a notebook shows it: metrics by list length, the validation curve, and what it cost."""

from html import escape
from pathlib import Path

from mmgraph.pipeline.report import RunReport, metrics_and_lengths, summary_line

_WIDTH = 320
_HEIGHT = 80


def run_html(report: RunReport, folder: Path) -> str:
    """A fragment of HTML; every name in it is escaped."""
    title = escape(f"{report.model} on {report.dataset}, seed {report.seed}")
    monitor = _monitor(report)
    curve = [row[f"val/{monitor}"] for row in report.history if f"val/{monitor}" in row]
    return (
        f"<div><b>{title}</b>{_table(report)}{_curve(curve, monitor)}"
        f"<div>{escape(summary_line(report))}</div><div><code>{escape(str(folder))}</code></div></div>"
    )


def _monitor(report: RunReport) -> str:
    """The metric by which epochs were compared; a report may have been edited by hand."""
    trainer = report.config.get("trainer")
    return str(trainer.get("monitor")) if isinstance(trainer, dict) else "recall@20"


def _table(report: RunReport) -> str:
    metrics, ks = metrics_and_lengths(report)
    head = "".join(f"<th>@{k}</th>" for k in ks)
    rows = "".join(
        f"<tr><td>{split}</td><td>{escape(metric)}</td>{_cells(values, metric, ks)}</tr>"
        for split, values in (("val", report.val), ("test", report.test))
        for metric in metrics
    )
    return f"<table><tr><th></th><th></th>{head}</tr>{rows}</table>"


def _cells(values: dict[str, float], metric: str, ks: list[int]) -> str:
    named = [f"{metric}@{k}" for k in ks]
    return "".join(f"<td>{values[name]:.4f}</td>" if name in values else "<td>-</td>" for name in named)


def _curve(values: list[float], monitor: str) -> str:
    """The monitored metric by epoch, the best one marked; nothing where there is but one."""
    if len(values) < 2:
        return ""
    low = min(values)
    high = max(values)
    span = (high - low) or 1.0
    points = [
        (_WIDTH * epoch / (len(values) - 1), _HEIGHT * (1 - (value - low) / span)) for epoch, value in enumerate(values)
    ]
    best_x, best_y = points[values.index(high)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    label = escape(f"val {monitor} by epoch, {low:.4f} to {high:.4f}")
    return (
        f'<svg width="{_WIDTH + 10}" height="{_HEIGHT + 10}" viewBox="-5 -5 {_WIDTH + 10} {_HEIGHT + 10}" role="img" '
        f'aria-label="{label}"><title>{label}</title><polyline points="{line}" fill="none" stroke="currentColor"/>'
        f'<circle cx="{best_x:.1f}" cy="{best_y:.1f}" r="3" fill="currentColor"/></svg><div>{label}</div>'
    )
