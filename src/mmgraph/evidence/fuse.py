"""Finished runs fused into one."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig, OmegaConf

from mmgraph.config.instantiate import instantiate
from mmgraph.evaluation import Evaluation, Evaluator
from mmgraph.evaluation.metrics import METRICS
from mmgraph.evidence.fusible import check_fusible, members_of
from mmgraph.evidence.fusion_report import fused_config, fused_report
from mmgraph.evidence.fusion_weights import Chosen, choose_weights
from mmgraph.files import put_in_place
from mmgraph.pipeline.fused import Fused, graph_of
from mmgraph.pipeline.hits import write_hits
from mmgraph.pipeline.own_folder import OwnFolder
from mmgraph.pipeline.report import RunReport
from mmgraph.pipeline.result import Run
from mmgraph.pipeline.run_folder import (
    CONFIG,
    REPORT,
    as_folder,
    check_free,
    configuration_hash,
    read_identity,
    write_identity,
)
from mmgraph.pipeline.serving import Serving, fuse_servings, keep
from mmgraph.pipeline.serving.normalised import NORMALISED

Counted = Callable[[int], None]


def fuse(
    *runs: Any,
    folder: str | Path | None = None,
    scores: str = "z_score",
    metric: str = "recall@20",
    data_root: str | Path | None = None,
) -> Run:
    """Adds the scores of finished runs, by weights that are best on validation, and gives what came of it as a run.

    The run stands by itself: it holds all that its members rank by, recommends, serves and exports like any other, and
    has ``report.json`` and ``hits.npz``. Test is ranked once, with the weights that were chosen.

    Args:
        *runs: two to twelve runs of the same split: folders, or what ``mmgraph.run`` gave.
        folder: a new one for the fused run. By default one of its own that goes with the :class:`Run`, unless that is
            saved.
        scores: how each user's scores are brought to one scale over the items that the user does not have:
            ``"z_score"``, less their mean, over their deviation; ``"rank"``, the share of items that score lower.
        metric: what the weights are chosen by, of single users, on validation.
        data_root: where the data sets lie now, for members of versions that kept nothing to rank by.

    Raises:
        FileNotFoundError: if there is no finished run in a folder.
        FileExistsError: if something lies in ``folder``.
        ValueError: if runs cannot be fused, being of other splits or the same run, or a word is none of those.

    Example:
        >>> import mmgraph as mm
        >>> data = mm.Synthetic(num_users=60, num_items=60)
        >>> members = [mm.run(name, data, max_epochs=1, verbose=False) for name in ("popularity", "item_knn")]
        >>> fused = fuse(*members)
        >>> fused.val["recall@20"] >= max(member.val["recall@20"] for member in members)
        True
        >>> fused.recommend([3], k=5).ids.shape
        torch.Size([1, 5])
    """
    return fuse_runs(runs, folder=folder, scores=scores, metric=metric, data_root=data_root)


def fuse_runs(
    runs: Sequence[Any],
    *,
    folder: str | Path | None,
    scores: str,
    metric: str,
    data_root: str | Path | None,
    progress: Callable[[int], Counted] = lambda total: lambda count: None,
) -> Run:
    """As :func:`fuse`; ``progress`` is given the number of users, and what it gives hears how many more are done."""
    _check_words(scores, metric)
    target = None if folder is None else as_folder(folder)
    if target is not None:
        check_free(target)
    members = members_of(runs, data_root)
    check_fusible(members)
    servings = [member.serving.to(torch.device("cpu")) for member in members]
    even = fuse_servings(servings, [1 / len(members)] * len(members), scores)
    evaluator: Evaluator = instantiate(members[0].config.evaluator, "evaluator")(graph_of(even))
    chosen = _chosen(members[0], even, evaluator, metric, progress)
    fused = fuse_servings(servings, chosen.weights, scores)
    graph = graph_of(fused)
    found = {split: evaluator(Fused(graph, fused), graph, split) for split in evaluator.splits}
    config = fused_config(members, scores, metric)
    report = fused_report(members, config, chosen, found, scores, metric)
    if target is not None:
        with put_in_place(target) as part:
            _write(part, members[0], fused, config, report, found)
        return Run(target)
    own = OwnFolder()
    _write(own.path / "run", members[0], fused, config, report, found)
    return Run(own.path / "run", own=own)


def _check_words(scores: str, metric: str) -> None:
    if scores not in NORMALISED:
        raise ValueError(f"scores={scores!r}: must be one of {', '.join(NORMALISED)}")
    name, _, k = metric.partition("@")
    if name not in METRICS or not (k.isascii() and k.isdigit() and int(k)):
        raise ValueError(f"metric={metric!r}: must be NAME@K, such as recall@20; names are {', '.join(METRICS)}")


def _chosen(first: Run, even: Serving, evaluator: Evaluator, metric: str, progress: Callable[[int], Counted]) -> Chosen:
    users = evaluator.users("val")
    mask = first.config.evaluator.mask["val"]
    return choose_weights(
        even,
        users,
        known=even.known_in(list(mask)),
        targets=even.known["val"],
        metric=metric,
        on_users=progress(users.numel()),
    )


def _write(
    folder: Path,
    first: Run,
    fused: Serving,
    config: DictConfig,
    report: RunReport,
    found: dict[str, Evaluation],
) -> None:
    folder.mkdir(parents=True)
    identity = read_identity(first.folder) | {"configuration": configuration_hash(config)}
    (folder / CONFIG).write_text(OmegaConf.to_yaml(config), encoding="utf-8")
    write_identity(folder, identity)
    keep(fused, folder, identity)
    write_hits(folder, {split: evaluation.hits for split, evaluation in found.items()})
    report.save(folder / REPORT)
