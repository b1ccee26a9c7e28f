"""What a configuration describes, built."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from omegaconf import DictConfig
from torch_geometric.data import HeteroData
from torch_geometric.transforms import BaseTransform

from mmgraph.config.compose import option_names
from mmgraph.config.instantiate import Deferred, instantiate
from mmgraph.config.places import errors_in_place
from mmgraph.datasets import Control, message_graph
from mmgraph.datasets.base import InteractionDataset
from mmgraph.evaluation import Evaluator
from mmgraph.losses import Objective
from mmgraph.models import Recommender
from mmgraph.pipeline.catalog import model_class
from mmgraph.training import INITIALISATION, Trainer, generators_kept, seed_everything
from mmgraph.typing import Loader

Part = TypeVar("Part")


@dataclass
class Parts:
    """What a configuration describes, built and on its device."""

    dataset: InteractionDataset
    control: dict[str, Any] | None
    feature_hash: str
    graph: HeteroData
    transforms: list[BaseTransform]
    trainer: Trainer
    model: Recommender
    objective: Objective
    loader: Loader
    evaluator: Evaluator
    logs: list[Any]


def build(cfg: DictConfig, trainer: Trainer | None = None, dataset: InteractionDataset | None = None) -> Parts:
    """Builds every part; only the evaluator is given the labels.

    Args:
        cfg: a resolved configuration.
        trainer: one that was built already.
        dataset: one that was built already, without the configuration's control.

    Raises:
        ValueError: for whatever in the configuration or the data cannot be right.
    """
    _check_ablation(cfg)
    trainer = trainer or instantiate(cfg.trainer, "trainer")
    objective = _of_kind(Objective, instantiate(cfg.loss, "loss"), "loss")
    logs = list(instantiate(cfg.logger, "logger").values())
    dataset, control = dataset_of(cfg, dataset)
    data = dataset[0]
    graph = message_graph(data)
    model_type = _model_class(cfg)
    model_type.check_interactions(graph)
    _check_features(cfg, dataset, model_type)
    transforms = instantiate(cfg.graph, "graph")
    for name, transform in transforms.items():
        with errors_in_place(f"graph.{name}", type(transform)):
            graph = _of_kind(BaseTransform, transform, f"graph.{name}")(graph)
    with generators_kept():
        seed_everything(cfg.seed, INITIALISATION)
        model: Recommender = _completed(cfg, "model")(graph)
    device = trainer.fabric.device
    graph = graph.to(device)
    loader: Loader = _completed(cfg, "loader")(graph, model=model)
    evaluator = _of_kind(Evaluator, _completed(cfg, "evaluator")(data.to(device)), "evaluator")
    feature_hash = _feature_hash(dataset, transforms.values())
    drawn_by = list(transforms.values())
    model.to(device)
    return Parts(
        dataset, control, feature_hash, graph, drawn_by, trainer, model, objective, loader, evaluator, logs
    )  # fmt: skip


def dataset_of(
    cfg: DictConfig, dataset: InteractionDataset | None = None
) -> tuple[InteractionDataset, dict[str, Any] | None]:
    """The data set with the features that a control gives it, and what that did; None: there is none.

    Args:
        cfg: a resolved configuration.
        dataset: one that was built already; by default the one that the configuration describes.

    Raises:
        ValueError: for data or a control that cannot be right.
    """
    dataset = dataset or _of_kind(InteractionDataset, instantiate(cfg.dataset, "dataset"), "dataset")
    if "control" not in cfg:
        return dataset, None
    control = _of_kind(Control, instantiate(cfg.control, "control"), "control").seeded(cfg.seed)
    with errors_in_place("control", type(control)):
        record = control.record(list(dataset.summary["modalities"]))
        changed = dataset.controlled(control)
    if _model_class(cfg).needs_modalities and not changed.summary["modalities"]:
        raise ValueError(
            f"control={record['kind']} takes the last modality away ({', '.join(record['modalities'])}), and "
            f"model={cfg.model_name} needs one: name fewer in control.modalities, or take a model without features "
            "(model=lightgcn)"
        )
    return changed, record


def _check_features(cfg: DictConfig, dataset: InteractionDataset, model: type[Recommender]) -> None:
    if dataset.features_in_files and model.needs_modalities and not model.projects_features:
        able = [name for name in option_names("model") if model_class(name).projects_features]
        raise ValueError(
            f"dataset.mapped_features=true leaves features in their files, and model={cfg.model_name} does more with "
            f"them than project them: take one of {able}, or dataset.mapped_features=false"
        )


def _model_class(cfg: DictConfig) -> type[Recommender]:
    found: Any = _completed(cfg, "model").func
    if not issubclass(found, Recommender):
        raise _of_other_kind(Recommender, found, "model")
    return found


def _completed(cfg: DictConfig, key: str) -> Deferred:
    """What describes a part that is completed with the data."""
    found = instantiate(cfg[key], key)
    if not isinstance(found, Deferred):
        raise ValueError(f"{key} is completed with the data: it needs _partial_: true beside its _target_")
    return found


def _of_kind(kind: type[Part], found: Any, place: str) -> Part:
    """The object, if it is what belongs in its place."""
    if not isinstance(found, kind):
        raise _of_other_kind(kind, type(found), place)
    return found


def _of_other_kind(kind: type, found: type, place: str) -> ValueError:
    return ValueError(
        f"{place}._target_ must name a class that derives from {kind.__module__}.{kind.__name__}; "
        f"{found.__module__}.{found.__name__} does not"
    )


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
