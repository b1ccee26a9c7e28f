"""What runs must share to be compared."""

from mmgraph.pipeline.report import RunReport


def arena(report: RunReport) -> str:
    """A name for the split, what test lists leave out, and who is ranked: all that runs must share to be compared.

    >>> config = {"evaluator": {"mask": {"test": ["train", "val"]}}}
    >>> arena(RunReport(
    ...     model="m", dataset="d", dataset_summary={}, split_hash="c0ffee00aa", seed=0, config=config, val={}, test={},
    ...     best_epoch=None, history=[], device="cpu",
    ... ))
    'c0ffee00-train-val'
    """
    cold = (report.config.get("evaluator") or {}).get("cold_users", "keep")
    return "-".join([report.split_hash[:8], *left_out(report), *([] if cold == "keep" else [str(cold)])])


def left_out(report: RunReport) -> list[str]:
    """The parts of the split whose items the test lists leave out."""
    evaluator = report.config.get("evaluator") or {}
    return [str(part) for part in (evaluator.get("mask") or {}).get("test") or []]
