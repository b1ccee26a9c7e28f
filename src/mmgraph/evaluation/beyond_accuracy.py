"""What the lists are like, apart from being right: coverage, popularity and diversity by PyG's own metrics, others."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.metrics import (
    LinkPredAveragePopularity,
    LinkPredCoverage,
    LinkPredDiversity,
    LinkPredMetricCollection,
)

from mmgraph.evaluation.exposure import EXPOSURE, Items

BEYOND_ACCURACY = ("coverage", "average_popularity", "diversity", *EXPOSURE)
"""The metrics of lists by the name that configs and reports use."""
BLOCK_ROWS = 4096
"""Lists handed to PyG at once: diversity compares the k items of each list pairwise."""


ListMetric = torch.nn.Module | Callable[[Tensor], float]
"""One of PyG's, or a function of the lists."""


def list_metrics(data: HeteroData, names: Sequence[str], ks: Sequence[int]) -> dict[str, ListMetric]:
    """Metrics of recommendation lists, keyed ``name@k``.

    Args:
        data: its item store gives the number of items, ``degree`` (train interactions; popularity) and
            ``category`` (one integer an item; diversity).
        names: any of :data:`BEYOND_ACCURACY`.
        ks: lengths of the lists.

    Raises:
        ValueError: if diversity is asked for without categories, or of lists of one item.
    """
    item = data["item"]
    if "diversity" in names and "category" not in item:
        raise ValueError(
            "metrics: diversity compares the categories of items, and data['item'].category (one integer an item) is "
            "absent; leave 'diversity' out or add the categories"
        )
    if "diversity" in names and min(ks) < 2:
        raise ValueError(
            f"ks: diversity compares pairs of items in a list, so every k must be at least 2; got {list(ks)}"
        )
    build: dict[str, Callable[[int], Any]] = {
        "coverage": lambda k: LinkPredCoverage(k, int(item.num_nodes)),
        "average_popularity": lambda k: LinkPredAveragePopularity(k, item.degree.cpu()),
        "diversity": lambda k: LinkPredDiversity(k, item.category.cpu()),
        **{name: partial(_exposure, name, data) for name in EXPOSURE},
    }
    return {f"{name}@{k}": build[name](k) for name in names for k in ks}


def _exposure(name: str, data: HeteroData, k: int) -> Callable[[Tensor], float]:
    items = Items.of(data)
    return lambda lists: EXPOSURE[name](lists[:, :k], items)


def describe_lists(metrics: Mapping[str, ListMetric], item: Tensor) -> dict[str, float]:
    """Values of :func:`list_metrics` over all lists, PyG's in float32; the order of the lists is the only one used.

    Args:
        metrics: what to compute; their state starts anew.
        item: ``(users, k)`` item indices, best first, -1 behind the end of a short list.
    """
    by_pyg = {name: metric for name, metric in metrics.items() if isinstance(metric, torch.nn.Module)}
    others = {name: metric(item) for name, metric in metrics.items() if name not in by_pyg}
    found = _by_pyg(by_pyg, item) | others
    return {name: found[name] for name in metrics}


def _by_pyg(metrics: dict[str, torch.nn.Module], item: Tensor) -> dict[str, float]:
    if not metrics:
        return {}
    collection = LinkPredMetricCollection(metrics)
    collection.reset()
    length = (item >= 0).sum(-1)
    nothing = torch.empty(2, 0, dtype=torch.long)
    for n in length[length > 0].unique().tolist():  # PyG knows only lists of equal length; nearly always there is one
        for lists in item[length == n, :n].long().split(BLOCK_ROWS):
            collection.update(lists, nothing)
    return {name: float(value) for name, value in collection.compute().items()}
