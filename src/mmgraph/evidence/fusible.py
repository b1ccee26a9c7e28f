"""Which runs may be fused."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmgraph.evidence.comparable import check_comparable
from mmgraph.evidence.finished import FinishedRun
from mmgraph.evidence.fusion_weights import MOST_MEMBERS
from mmgraph.models import Recommender
from mmgraph.pipeline.result import Run
from mmgraph.pipeline.run_folder import as_folder, read_identity
from mmgraph.pipeline.serving import IdTable


def members_of(runs: Sequence[Any], data_root: str | Path | None) -> list[Run]:
    """The runs, opened.

    Raises:
        FileNotFoundError: if there is no finished run in a folder.
        ValueError: if they are too few or too many.
    """
    if not 2 <= len(runs) <= MOST_MEMBERS:
        raise ValueError(f"a fusion takes 2 to {MOST_MEMBERS} runs, got {len(runs)}")
    return [run if isinstance(run, Run) else Run(as_folder(run), data_root=data_root) for run in runs]


def check_fusible(members: Sequence[Run]) -> None:
    """Refuses runs whose scores cannot be added.

    Raises:
        ValueError: if two are of different splits, ranked by different rules, or the same run; or if a run does not say
            what it was made of, has other ids, or ranks by a model of its own making. Names it.
    """
    check_comparable([FinishedRun(member.folder, member.report) for member in members], "val")
    first = members[0]
    if not read_identity(first.folder):
        raise ValueError(f"{first.folder} does not say which data it was trained on; fuse runs of version 0.2 or later")
    for split in ("val", "test"):
        if split not in first.config.evaluator.mask:
            raise ValueError(f"{first.folder} did not rank {split}: weights are chosen on val, and test is reported")
    for member in members:
        if isinstance(member.serving.scorer, Recommender):
            raise ValueError(
                f"{member.folder}: {member.report.model} scores in a way of its own, which a fusion cannot hold"
            )
        for side in ("users", "items"):
            if not _same_ids(getattr(member.serving, side), getattr(first.serving, side)):
                raise ValueError(f"{first.folder} and {member.folder} have other {side}, or in another order")


def _same_ids(one: IdTable, other: IdTable) -> bool:
    return one is other or np.array_equal(list(one.values), list(other.values))
