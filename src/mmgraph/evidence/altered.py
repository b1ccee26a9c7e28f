"""A trained model meets other features, or does without some: nothing is trained, and all is as it was afterwards."""

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.datasets import message_graph
from mmgraph.models import Recommender, item_features
from mmgraph.nn import FeatureTables, feature_dims
from mmgraph.pipeline.parts import Parts
from mmgraph.transforms import KNNGraph, modality_weights

GRAPHS = ("recompute", "hold")


@contextmanager
def permuted(parts: Parts, names: Sequence[str], order: Tensor, *, graphs: str) -> Iterator[HeteroData]:
    """The graph to rank with, in which items have the features of others; the model sees the same meanwhile.

    A modality enters a model in up to three ways, and is permuted in all of them: features that the model reads, tables
    that were trained from features, and graphs that were drawn from features. What is solved in closed form is solved
    anew.

    Args:
        parts: of a run, with its trained weights.
        names: the modalities.
        order: item i gets the features of ``order[i]``.
        graphs: ``"recompute"``: what was drawn from the features is drawn from the permuted ones; ``"hold"``: it stays.
    """
    model = parts.model
    if graphs == "hold":
        graph = copy.copy(parts.graph)
        _permute(graph, names, order)
    else:
        graph = message_graph(parts.dataset[0])
        _permute(graph, names, order)
        for transform in parts.transforms:
            graph = transform(graph)
        graph = graph.to(parts.trainer.fabric.device)
    with _tables_permuted(model, names, order):
        solved = model.fit_closed_form(graph)
        try:
            with torch.no_grad():
                yield model.inference_graph(graph)
        finally:
            if solved:
                model.fit_closed_form(parts.graph)


def _permute(graph: HeteroData, names: Sequence[str], order: Tensor) -> None:
    """Who lacks a modality goes with the row."""
    item = graph["item"]
    for key in [f"{prefix}_{name}" for name in names for prefix in ("x", "has")]:
        if key in item:
            item[key] = item[key][order.to(item[key].device)]


@contextmanager
def _tables_permuted(model: nn.Module, names: Sequence[str], order: Tensor) -> Iterator[None]:
    holders = [module for module in model.modules() if isinstance(module, FeatureTables)]
    tables = [holder[name] for holder in holders for name in names if name in holder]
    before = [table.detach().clone() for table in tables]
    try:
        for table, rows in zip(tables, before, strict=True):
            table.data = rows[order.to(rows.device)]
        yield
    finally:
        for table, rows in zip(tables, before, strict=True):
            table.data = rows


def without(parts: Parts, name: str) -> tuple[Recommender, HeteroData]:
    """The trained model and its graph without a modality's branch: the same equations over the other modalities.

    Weights of the others stay as they are, also those that their graphs have in a sum of graphs.

    Args:
        parts: of a run, with its trained weights.
        name: the modality.

    Raises:
        ValueError: if the branch cannot be taken out; says why.
    """
    dims = feature_dims(item_features(parts.graph))
    if len(dims) == 1:
        raise ValueError(f"{name} is the only modality: there is nothing to do with what would be left")
    if parts.model.entangled:
        raise ValueError(parts.model.entangled)
    model = copy.deepcopy(parts.model)
    for module in model.modules():
        if isinstance(module, nn.ModuleDict | nn.ParameterDict) and name in module:
            del module[name]
    model.leave_out(name, dims)
    return model, _graph_without(parts, name)


def _graph_without(parts: Parts, name: str) -> HeteroData:
    graph = copy.copy(parts.graph)
    names = list(item_features(graph))
    for key in (f"x_{name}", f"has_{name}"):
        if key in graph["item"]:
            del graph["item"][key]
    own = ("item", f"{name}_knn", "item")
    if own in graph.edge_types:
        del graph[own]
    for transform in parts.transforms:
        if isinstance(transform, KNNGraph) and transform.merge:
            graph = _merged_without(transform, names, name)(graph)
    return graph


def _merged_without(transform: KNNGraph, names: Sequence[str], name: str) -> Any:
    """Draws the sum of the other modalities' graphs, each with the weight that it had."""
    used = [other for other in names if transform.modalities is None or other in transform.modalities]
    weights = modality_weights(used, transform.merge_weights)
    left = {other: weight for other, weight in weights.items() if other != name}
    if not left:
        raise ValueError(f"the item graph is drawn from {name} alone")
    fewer = copy.copy(transform)
    fewer.modalities = list(left)
    fewer.merge_weights = left
    return fewer
