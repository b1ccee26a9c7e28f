"""One run from its configuration: build, train, rank, report."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from omegaconf import DictConfig, OmegaConf
from torch_geometric.data import HeteroData

from mmgraph.cli.allocator import keep_large_blocks
from mmgraph.cli.instantiate import instantiate
from mmgraph.cli.interrupts import raise_if_interrupted
from mmgraph.cli.resume import CONFIG, REPORT
from mmgraph.datasets import message_graph
from mmgraph.evaluation import Evaluator, RunReport, load_report
from mmgraph.files import atomic_write, remove_unfinished
from mmgraph.losses import Objective
from mmgraph.models import Recommender
from mmgraph.training import CHECKPOINT, INITIALISATION, Trainer, read_checkpoint, seed_everything


@dataclass
class Parts:
    """What a configuration describes, built and on its device."""

    dataset: Any
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
    for transform in instantiate(cfg.graph, "graph").values():
        graph = transform(graph)
    seed_everything(cfg.seed, INITIALISATION)
    model: Recommender = instantiate(cfg.model, "model")(graph)
    device = trainer.fabric.device
    graph = graph.to(device)
    loader = instantiate(cfg.loader, "loader")(graph, model=model)
    evaluator = instantiate(cfg.evaluator, "evaluator")(data.to(device))
    return Parts(dataset, graph, trainer, model.to(device), objective, loader, evaluator, logs)


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
        run_dir: the run's folder (that of the first process counts). A finished run found there is returned as it is.

    Raises:
        ValueError: for bad input; the folder is left as it was found.
    """
    trainer: Trainer = instantiate(cfg.trainer, "trainer")
    run_dir = trainer.fabric.broadcast(run_dir)
    if trainer.fabric.broadcast((run_dir / REPORT).exists()):
        return load_report(run_dir / REPORT)
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # nothing reads it
    begins = trainer.fabric.is_global_zero and not (run_dir / CONFIG).exists()
    if trainer.fabric.is_global_zero:
        remove_unfinished(run_dir)
    if begins:
        with atomic_write(run_dir / CONFIG) as file:
            file.write(OmegaConf.to_yaml(cfg))
    try:
        return _train(cfg, build(cfg, trainer), run_dir)
    except Exception:
        raise_if_interrupted()
        if begins and not (run_dir / CHECKPOINT).exists():
            (run_dir / CONFIG).unlink()
        raise


def _train(cfg: DictConfig, parts: Parts, run_dir: Path) -> RunReport:
    fit = parts.trainer.fit(
        parts.model, parts.objective, parts.graph, parts.loader, parts.evaluator, run_dir=run_dir, logs=parts.logs
    )
    report = RunReport(
        model=cfg.model_name,
        dataset=parts.dataset.name,
        dataset_summary=parts.dataset.summary,
        split_hash=parts.dataset.split_hash,
        seed=cfg.seed,
        config=cast(dict[str, Any], OmegaConf.to_container(cfg)),
        val=fit.val,
        test=rank(parts, "test"),
        best_epoch=fit.best_epoch,
        history=fit.history,
        device=str(parts.trainer.fabric.device),
    )
    if parts.trainer.fabric.is_global_zero:
        report.save(run_dir / REPORT)
    return report


def rank(parts: Parts, split: str) -> dict[str, float]:
    """The metrics of one split, ranked with the model's present weights."""
    with torch.no_grad():
        return parts.evaluator(parts.model, parts.model.inference_graph(parts.graph), split).metrics


def restore(run_dir: Path) -> Parts:
    """The parts of a finished run, with its best weights.

    Raises:
        FileNotFoundError: if ``run_dir`` holds no run, or none that trained an epoch.
    """
    if not (run_dir / CONFIG).exists():
        raise FileNotFoundError(f"{run_dir} holds no {CONFIG}: it is not the folder of a run")
    parts = build(cast(DictConfig, OmegaConf.load(run_dir / CONFIG)))
    if parts.model.fit_closed_form(parts.graph):
        return parts
    if not (run_dir / CHECKPOINT).exists():
        raise FileNotFoundError(f"{run_dir} holds no {CHECKPOINT} yet: go on with it by resume={run_dir}")
    parts.model.load_state_dict(read_checkpoint(run_dir / CHECKPOINT)["state"]["best_weights"])
    return parts
