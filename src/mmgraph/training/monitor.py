"""The validation metric by which epochs are compared."""

from mmgraph.evaluation import Evaluator


def check_monitor(monitor: str, evaluator: Evaluator) -> None:
    """Refuses a metric that ``evaluator`` does not compute.

    Raises:
        ValueError: names the metrics that there are.
    """
    given = [f"{metric}@{k}" for metric in evaluator.metrics for k in evaluator.ks]
    if monitor not in given:
        raise ValueError(
            f"trainer.monitor={monitor!r} is not computed; the evaluator gives {given}: "
            "add its metric to evaluator.metrics and its k to evaluator.ks"
        )
