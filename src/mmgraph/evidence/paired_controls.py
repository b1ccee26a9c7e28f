"""What runs that were trained under a control cost, seed by seed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mmgraph.evidence.effects import Change, Effect
from mmgraph.evidence.finished import FinishedRun, RunGroup


def trained_on(group: RunGroup, other: RunGroup, splits: Sequence[str]) -> Iterator[Effect]:
    """Paired differences to runs that were trained under a control, in every metric.

    Args:
        group: runs as they are.
        other: runs of the same settings under a control.
        splits: of which splits.

    Raises:
        ValueError: if they are of other settings or data, or have no seed in common.
    """
    report = other.runs[0].report
    if report.control is None or uncontrolled(other) != uncontrolled(group):
        raise ValueError(
            f"controls: {other.runs[0].folder} must be of the settings of {group.runs[0].folder} but for control=, and "
            "was trained on other settings, on other data or without a control"
        )
    seeds = [seed for seed in group.seeds if seed in other.seeds]
    if not seeds:
        raise ValueError(
            f"controls: {other.name} has the seeds {other.seeds}, the runs have {group.seeds}: none to pair"
        )
    settings = {key: value for key, value in report.control.items() if key not in ("kind", "modalities", "seed")}
    shown = "".join(f" {name}={value}" for name, value in settings.items())
    change = Change(f"trained on {report.control['kind']}{shown}", tuple(report.control["modalities"]))
    for split in splits:
        for metric in getattr(report, split):
            levels, changed = (
                dict(zip(runs.seeds, runs.metric(split, metric), strict=True)) for runs in (group, other)
            )
            yield Effect(
                change=change,
                split=split,
                metric=metric,
                levels={seed: levels[seed] for seed in seeds},
                changed={seed: changed[seed] for seed in seeds},
            )


def uncontrolled(group: RunGroup) -> str:
    """What runs were made of but for a control and the features that it gave: equal where controls can be paired."""
    run = group.runs[0]
    config = {key: value for key, value in run.report.config.items() if key != "control"}
    return FinishedRun(run.folder, replace(run.report, config=config, control=None, feature_hash=None)).identity
