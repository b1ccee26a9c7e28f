"""What a fused run states of itself: its configuration and its report."""

import hashlib
from collections.abc import Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf

from mmgraph.evaluation import Evaluation
from mmgraph.evidence.comparable import is_closed_form
from mmgraph.evidence.finished import FinishedRun
from mmgraph.evidence.fusion_weights import Chosen
from mmgraph.pipeline.fused import FUSION, Fused
from mmgraph.pipeline.report import RunReport
from mmgraph.pipeline.result import Run
from mmgraph.pipeline.run_folder import configuration_hash


def fused_config(members: Sequence[Run], scores: str, metric: str) -> DictConfig:
    """The first member's data and protocol, with the fusion in the place of its model.

    Args:
        members: the runs.
        scores: how their scores are brought to one scale.
        metric: what their weights are chosen by.
    """
    config = members[0].config.copy()
    config.model = {"_target_": f"{Fused.__module__}.{Fused.__name__}", "_partial_": True}
    config.loss = {"_target_": "mmgraph.losses.Objective", "terms": {}}
    config.model_name = FUSION
    config.ablation_name = "none"
    config.warm_start = None
    config.logger = {}
    words = [f"members={'+'.join(member.report.model for member in members)}"]
    config.overrides = words if scores == "z_score" else [*words, f"scores={scores}"]
    config.fusion = {"members": [_settings(member, members[0]) for member in members]}
    config.fusion.scores = scores
    config.fusion.metric = metric
    return config


def _settings(member: Run, first: Run) -> str:
    """What a member is but for the seed of them all: a hash, and how far its seed is from the first one's."""
    run = FinishedRun(member.folder, member.report)
    digest = hashlib.sha256(run.identity.encode()).hexdigest()[:16]
    return f"{digest}+{0 if is_closed_form(run) else member.report.seed - first.report.seed}"


def fused_report(
    members: Sequence[Run],
    config: DictConfig,
    chosen: Chosen,
    found: dict[str, Evaluation],
    scores: str,
    metric: str,
) -> RunReport:
    """What is reported of a fusion.

    Args:
        members: the runs.
        config: :func:`fused_config`.
        chosen: the weights.
        found: what ranking each split came to.
        scores: how scores are brought to one scale.
        metric: what the weights were chosen by.
    """
    first = members[0].report
    return RunReport(
        model=FUSION,
        dataset=first.dataset,
        dataset_summary=first.dataset_summary,
        split_hash=first.split_hash,
        feature_hash=first.feature_hash,
        configuration_hash=configuration_hash(config),
        seed=first.seed,
        config=_plain(config),
        val=found["val"].metrics,
        test=found["test"].metrics,
        best_epoch=None,
        history=[],
        device="cpu",
        fusion={
            "members": [_member(member, weight) for member, weight in zip(members, chosen.weights, strict=True)],
            "scores": scores,
            "metric": metric,
            "value": chosen.value,
            "weights_tried": chosen.tried,
        },
    )


def _member(member: Run, weight: float) -> dict[str, Any]:
    return {
        "model": member.report.model,
        "words": FinishedRun(member.folder, member.report).words,
        "weight": weight,
        "seed": member.report.seed,
        "folder": member.folder.name,
        "configuration_hash": member.report.configuration_hash,
        "val": member.val,
        "test": member.test,
    }


def _plain(config: DictConfig) -> dict[str, Any]:
    return {str(key): value for key, value in OmegaConf.to_container(config).items()}  # type: ignore[union-attr]
