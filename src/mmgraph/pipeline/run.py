"""A run: train, rank, report; and what was trained, restored."""

import time
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple, cast

import torch
from omegaconf import DictConfig, OmegaConf

from mmgraph.config.instantiate import instantiate
from mmgraph.datasets.base import InteractionDataset
from mmgraph.evaluation import Evaluation
from mmgraph.files import remove_unfinished
from mmgraph.pipeline.divided import divide_parts, put_together
from mmgraph.pipeline.environment import plugin_versions, versions
from mmgraph.pipeline.export.weights import WEIGHTS, read_weights
from mmgraph.pipeline.fused import Fused
from mmgraph.pipeline.held_data import held
from mmgraph.pipeline.hits import write_hits
from mmgraph.pipeline.parts import Parts, build
from mmgraph.pipeline.recommend import encode
from mmgraph.pipeline.report import RunReport, load_report, non_finite
from mmgraph.pipeline.run_folder import (
    IDENTITY,
    REPORT,
    begin,
    check_identity,
    configuration_hash,
    open_config,
    remove_start,
    working_in,
    write_identity,
)
from mmgraph.pipeline.serving import Serving, keep
from mmgraph.pipeline.warm_start import read_record, start_warm
from mmgraph.processes.interrupts import raise_if_interrupted
from mmgraph.training import CHECKPOINT, FitResult, Trainer, read_checkpoint
from mmgraph.training.checkpoint import Row, Weights, load_weights
from mmgraph.training.saving import read_resumed
from mmgraph.training.trainer import OnEvaluation


class Trained(NamedTuple):
    """What :func:`train` came to.

    Attributes:
        report: what ``report.json`` holds.
        parts: what was built, the model with its best weights; None where the run had ended before, or several
            processes have a part of the graph each.
    """

    report: RunReport
    parts: Parts | None


def train(
    cfg: DictConfig,
    run_dir: Path,
    *,
    dataset: InteractionDataset | None = None,
    verbose: bool = True,
    on_evaluation: OnEvaluation | None = None,
) -> Trained:
    """Trains, ranks the test split once with the best weights and writes ``report.json``; goes on where it was killed.

    Args:
        cfg: a resolved configuration (:func:`mmgraph.config.compose.compose_config`).
        run_dir: the run's folder (that of the first process counts). A finished run of this configuration that is found
            there is returned as it is.
        dataset: one that was built already; by default the one that the configuration describes.
        verbose: whether it is printed what was read, and a line for each epoch.
        on_evaluation: looks at the history after each evaluation, and may raise (:meth:`Trainer.fit`).

    Raises:
        ValueError: for bad input, and where the folder holds a run of another configuration or of other data; the
            folder is left as it was found.
        FileExistsError: if another process is training there.
    """
    _check_finite(cfg)
    trainer: Trainer = instantiate(cfg.trainer, "trainer")
    trainer.verbose = verbose
    run_dir = trainer.fabric.broadcast(run_dir)
    with working_in(run_dir) if trainer.fabric.is_global_zero else nullcontext():
        begins = trainer.fabric.is_global_zero and begin(run_dir, cfg)
        if trainer.fabric.broadcast((run_dir / REPORT).exists()):
            return Trained(load_report(run_dir / REPORT), None)
        try:
            dataset = dataset or held(cfg)
            parts = build(cfg, trainer, dataset)
            report = _train(cfg, parts, run_dir, on_evaluation, dataset)
            return Trained(report, None if trainer.divides else parts)
        except Exception:
            raise_if_interrupted()
            if begins and not (run_dir / CHECKPOINT).exists():
                remove_start(run_dir)
            raise


def _check_finite(cfg: DictConfig) -> None:
    """Refuses NaN and Inf before anything is trained: no report could hold them."""
    if bad := list(non_finite(OmegaConf.to_container(cfg), "")):
        raise ValueError(f"every number of a configuration must be finite; got {', '.join(bad)}")


def _train(
    cfg: DictConfig,
    parts: Parts,
    run_dir: Path,
    on_evaluation: OnEvaluation | None,
    dataset: InteractionDataset | None,
) -> RunReport:
    trainer = parts.trainer
    summary = parts.dataset.summary
    parameters = sum(x.numel() for x in parts.model.parameters() if x.requires_grad)
    made_of = {
        "configuration": configuration_hash(cfg),
        "split": parts.dataset.split_hash,
        "features": parts.feature_hash,
    }
    if trainer.fabric.is_global_zero:
        remove_unfinished(run_dir)
        check_identity(run_dir, made_of)
        write_identity(run_dir, made_of)
        if trainer.verbose:
            print(parts.dataset.describe(), flush=True)
    if cfg.get("warm_start") is not None and not (run_dir / CHECKPOINT).exists():
        start_warm(cfg, parts, run_dir)
    if trainer.divides:
        divide_parts(parts)
    started = time.perf_counter()
    fit = trainer.fit(
        parts.model,
        parts.objective,
        parts.graph,
        parts.loader,
        evaluator=parts.evaluator,
        run_dir=run_dir,
        logs=parts.logs,
        on_evaluation=on_evaluation,
    )
    elapsed = time.perf_counter() - started
    known = {} if fit.ranked is None else {"val": fit.ranked}
    found = {split: known.get(split) or evaluate(parts, split) for split in parts.evaluator.splits}
    serving = put_together(cfg, parts, dataset) if trainer.divides else _serving(parts)
    if serving is not None and trainer.fabric.is_global_zero:
        keep(serving, run_dir, made_of)
        write_hits(run_dir, {split: evaluation.hits for split, evaluation in found.items()})
    settings = cast(dict[str, Any], OmegaConf.to_container(cfg))
    report = RunReport(
        model=cfg.model_name,
        dataset=parts.dataset.name,
        dataset_summary=summary,
        split_hash=parts.dataset.split_hash,
        feature_hash=made_of["features"],
        configuration_hash=made_of["configuration"],
        seed=cfg.seed,
        config=settings,
        val=fit.val,
        test=found["test"].metrics,
        best_epoch=fit.best_epoch,
        warm_start=read_record(run_dir),
        selection=_selection(parts, fit),
        control=parts.control,
        parameters=parameters,
        fit_seconds=_seconds_of(fit.history) if fit.history else elapsed,
        resumed_at=read_resumed(run_dir),
        history=fit.history,
        device=str(trainer.fabric.device),
        versions=versions() | plugin_versions(settings),
    )
    if trainer.fabric.is_global_zero:
        report.save(run_dir / REPORT)
    return report


def _serving(parts: Parts) -> Serving:
    return Serving.of(parts.model, encode(parts.model, parts.graph), parts.dataset)


def _selection(parts: Parts, fit: FitResult) -> dict[str, Any] | None:
    """On whom the best epoch was chosen, where that is a sample."""
    if fit.sampled is None:
        return None
    users = parts.evaluator.num_users("val", sampled=True)
    return {"users": users, "of": parts.evaluator.num_users("val"), "metrics": fit.sampled}


def _seconds_of(history: list[Row]) -> float:
    """Those of the epochs, in whichever process each was run."""
    return sum(row["seconds"] + row.get("evaluation_seconds", 0.0) for row in history)


def evaluate(parts: Parts, split: str, *, on_ranked: Callable[[int], None] | None = None) -> Evaluation:
    """One split, ranked with the model's present weights; ``on_ranked`` counts the users that are done."""
    with torch.no_grad():
        graph = parts.model.inference_graph(parts.graph)
        return parts.evaluator(parts.model, graph, split, on_ranked=on_ranked)


def restore(run_dir: Path, cfg: DictConfig | None = None, *, dataset: InteractionDataset | None = None) -> Parts:
    """The parts of a run, with its best weights so far.

    Args:
        run_dir: the run's folder.
        cfg: its configuration where the data lie elsewhere now, or it is to be ranked otherwise; by default its own.
        dataset: the data it was trained on, where the configuration does not describe them.

    Raises:
        FileNotFoundError: if ``run_dir`` holds no run, or none that trained an epoch.
        ValueError: if something in the folder is damaged, or configuration or data are not what the run began with.
    """
    stored = open_config(run_dir)
    parts = build(stored if cfg is None else cfg, dataset=dataset)
    if not check_identity(run_dir, {"split": parts.dataset.split_hash, "features": parts.feature_hash}):
        warnings.warn(f"{run_dir} does not say which data it was trained on (it has no {IDENTITY})", stacklevel=2)
    if isinstance(parts.model, Fused):
        parts.model.hold(run_dir)
        return parts
    if parts.model.fit_closed_form(parts.graph):
        return parts
    path, weights = _best_weights(run_dir)
    load_weights(path, weights, parts.model)
    return parts


def _best_weights(run_dir: Path) -> tuple[Path, Weights]:
    """The best weights so far and where they lie: in the checkpoint, or where a run was exported without one."""
    checkpoint = run_dir / CHECKPOINT
    if checkpoint.exists():
        weights = read_checkpoint(checkpoint)["state"]["best_weights"]
        if not weights:
            raise FileNotFoundError(
                f"{run_dir} was cut off before its first evaluation, so no weights are known to be good: go on with it "
                f"by resume={run_dir}"
            )
        return checkpoint, weights
    exported = run_dir / WEIGHTS
    if exported.exists():
        return exported, read_weights(exported)
    if (run_dir / REPORT).exists():
        raise FileNotFoundError(
            f"{run_dir}: the run has ended, but its {CHECKPOINT} is gone and the weights with it; {REPORT} still has "
            "its figures. The same configuration and seed train the same again in another folder"
        )
    raise FileNotFoundError(
        f"{run_dir} holds no {CHECKPOINT} yet, so there are no weights to rank with: go on with it by resume={run_dir}"
    )
