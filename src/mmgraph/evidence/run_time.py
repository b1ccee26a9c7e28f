"""How long a run took, whatever else its machine did meanwhile."""

from statistics import median

from mmgraph.pipeline.report import RunReport


def training_seconds(report: RunReport) -> float | None:
    """Time of training and of the evaluations during it, as so many epochs of median length.

    A job that was suspended, a laptop asleep and another program on the machine lengthen some epochs and not their
    median. Of a model without epochs what its fit took; None where neither is known.

    Args:
        report: of a finished run.
    """
    timed = [row["seconds"] + row.get("evaluation_seconds", 0.0) for row in report.history if "seconds" in row]
    return len(timed) * median(timed) if timed else report.fit_seconds
