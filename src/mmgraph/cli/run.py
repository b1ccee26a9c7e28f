"""One run from its configuration: build, train, rank, report."""

import hashlib
import warnings
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from omegaconf import DictConfig, OmegaConf
from torch_geometric.data import HeteroData

from mmgraph.cli.allocator import keep_large_blocks
from mmgraph.cli.instantiate import instantiate
from mmgraph.cli.interrupts import raise_if_interrupted
from mmgraph.cli.places import told_in_place
from mmgraph.cli.run_folder import (
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
from mmgraph.datasets import message_graph
from mmgraph.evaluation import Evaluator, RunReport, load_report
from mmgraph.evaluation.report import non_finite
from mmgraph.files import remove_unfinished
from mmgraph.losses import Objective
from mmgraph.models import Recommender
from mmgraph.training import CHECKPOINT, INITIALISATION, Trainer, read_checkpoint, seed_everything
from mmgraph.training.checkpoint import load_weights


@dataclass
class Parts:
    """What a configuration describes, built and on its device."""

    dataset: Any
    feature_hash: str
    graph: HeteroData
    trainer: Trainer
    model: Recommender
    objective: Objective
    loader: Any
    evaluator: Evaluator
    logs: list[Any]


def build(cfg: DictConfig, trainer: Trainer | None = None) -> Parts:
    """Builds every part; only the evaluator is given the labels.

    Args:
        cfg: a resolved configuration.
        trainer: one that was built already.

    Raises:
        ValueError: for whatever in the configuration or the data cannot be right.
    """
    _check_ablation(cfg)
    keep_large_blocks()
    # Weights that L2 takes to 0 pass through denormal numbers, which made steps ten times as long; threads started
    # from here on inherit it.
    torch.set_flush_denormal(True)
    trainer = trainer or instantiate(cfg.trainer, "trainer")
    objective = instantiate(cfg.loss, "loss")
    logs = list(instantiate(cfg.logger, "logger").values())
    dataset = instantiate(cfg.dataset, "dataset")
    data = dataset[0]
    graph = message_graph(data)
    transforms = instantiate(cfg.graph, "graph")
    for name, transform in transforms.items():
        with told_in_place(f"graph.{name}", type(transform)):
            graph = transform(graph)
    seed_everything(cfg.seed, INITIALISATION)
    model: Recommender = instantiate(cfg.model, "model")(graph)
    device = trainer.fabric.device
    graph = graph.to(device)
    loader = instantiate(cfg.loader, "loader")(graph, model=model)
    evaluator = instantiate(cfg.evaluator, "evaluator")(data.to(device))
    feature_hash = _feature_hash(dataset, transforms.values())
    return Parts(dataset, feature_hash, graph, trainer, model.to(device), objective, loader, evaluator, logs)


def _feature_hash(dataset: Any, transforms: Iterable[Any]) -> str:
    """That of the data set's features, and of the files that transforms read besides."""
    readers = [transform for transform in transforms if hasattr(transform, "file_hash")]
    others = [found for reader in readers if (found := reader.file_hash()) is not None]
    if not others:
        return cast(str, dataset.feature_hash)
    return hashlib.sha256(" ".join([dataset.feature_hash, *others]).encode()).hexdigest()


def _check_ablation(cfg: DictConfig) -> None:
    """An ablation of another model would change a loss term that this one lacks, and so nothing at all."""
    ablation = cfg.get("ablation_name", "none")
    if ablation != "none" and ablation.rpartition("-")[0] != cfg.model_name:
        raise ValueError(
            f"ablation={ablation} is made for model={ablation.rpartition('-')[0]}, not for model={cfg.model_name}"
        )


def train(cfg: DictConfig, run_dir: Path) -> RunReport:
    """Trains, ranks the test split once with the best weights and writes ``report.json``; goes on where it was killed.

    Args:
        cfg: a resolved configuration (:func:`mmgraph.cli.compose.compose_config`).
        run_dir: the run's folder (that of the first process counts). A finished run of this configuration that is found
            there is returned as it is.

    Raises:
        ValueError: for bad input, and where the folder holds a run of another configuration or of other data; the
            folder is left as it was found.
        FileExistsError: if another process is training there.
    """
    _check_finite(cfg)
    trainer: Trainer = instantiate(cfg.trainer, "trainer")
    run_dir = trainer.fabric.broadcast(run_dir)
    with working_in(run_dir) if trainer.fabric.is_global_zero else nullcontext():
        begins = trainer.fabric.is_global_zero and begin(run_dir, cfg)
        if trainer.fabric.broadcast((run_dir / REPORT).exists()):
            return load_report(run_dir / REPORT)
        try:
            return _train(cfg, trainer, run_dir)
        except Exception:
            raise_if_interrupted()
            if begins and not (run_dir / CHECKPOINT).exists():
                remove_start(run_dir)
            raise


def _check_finite(cfg: DictConfig) -> None:
    """Refuses NaN and Inf before anything is trained: no report could hold them."""
    if bad := list(non_finite(OmegaConf.to_container(cfg), "")):
        raise ValueError(f"every number of a configuration must be finite; got {', '.join(bad)}")


def _train(cfg: DictConfig, trainer: Trainer, run_dir: Path) -> RunReport:
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # nothing reads it
    parts = build(cfg, trainer)
    dataset = parts.dataset
    made_of = {
        "configuration": configuration_hash(cfg),
        "split": dataset.split_hash,
        "features": parts.feature_hash,
    }
    if trainer.fabric.is_global_zero:
        remove_unfinished(run_dir)
        check_identity(run_dir, made_of)
        write_identity(run_dir, made_of)
        print(dataset.describe(), flush=True)
    fit = trainer.fit(
        parts.model,
        parts.objective,
        parts.graph,
        parts.loader,
        evaluator=parts.evaluator,
        run_dir=run_dir,
        logs=parts.logs,
    )
    report = RunReport(
        model=cfg.model_name,
        dataset=dataset.name,
        dataset_summary=dataset.summary,
        split_hash=dataset.split_hash,
        feature_hash=made_of["features"],
        configuration_hash=made_of["configuration"],
        seed=cfg.seed,
        config=cast(dict[str, Any], OmegaConf.to_container(cfg)),
        val=fit.val,
        test=rank(parts, "test"),
        best_epoch=fit.best_epoch,
        history=fit.history,
        device=str(trainer.fabric.device),
    )
    if trainer.fabric.is_global_zero:
        report.save(run_dir / REPORT)
    return report


def rank(parts: Parts, split: str) -> dict[str, float]:
    """The metrics of one split, ranked with the model's present weights."""
    with torch.no_grad():
        return parts.evaluator(parts.model, parts.model.inference_graph(parts.graph), split).metrics


def restore(run_dir: Path, cfg: DictConfig | None = None) -> Parts:
    """The parts of a run, with its best weights so far.

    Args:
        run_dir: the run's folder.
        cfg: its configuration where the data lie elsewhere now, or it is to be ranked otherwise; by default its own.

    Raises:
        FileNotFoundError: if ``run_dir`` holds no run, or none that trained an epoch.
        ValueError: if something in the folder is damaged, or configuration or data are not what the run began with.
    """
    stored = open_config(run_dir)
    parts = build(stored if cfg is None else cfg)
    if not check_identity(run_dir, {"split": parts.dataset.split_hash, "features": parts.feature_hash}):
        warnings.warn(f"{run_dir} does not say which data it was trained on (it has no {IDENTITY})", stacklevel=2)
    if parts.model.fit_closed_form(parts.graph):
        return parts
    if not (run_dir / CHECKPOINT).exists():
        raise FileNotFoundError(
            f"{run_dir} holds no {CHECKPOINT} yet, so there are no weights to rank with: go on with it by "
            f"resume={run_dir}"
        )
    weights = read_checkpoint(run_dir / CHECKPOINT)["state"]["best_weights"]
    load_weights(run_dir / CHECKPOINT, weights, parts.model)
    return parts
