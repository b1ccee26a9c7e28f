"""What there is to see of a data set, as numbers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int64
from torch_geometric.data import HeteroData

from mmgraph.datasets import MMRecFolder
from mmgraph.prepare.look.drift import Drift, drift_of
from mmgraph.prepare.record import FILE
from mmgraph.typing import INTERACTS, PARTS


class Spread(NamedTuple):
    """How the interactions of users, or of items, are spread.

    Attributes:
        least: of anybody.
        quarter: a quarter has no more.
        median: half have no more.
        three_quarters: three quarters have no more.
        most: of anybody.
        mean: of all.
        top: share of all interactions that a hundredth of them has.
        gini: 0 where all have as many, near 1 where one has them all.
    """

    least: int
    quarter: int
    median: int
    three_quarters: int
    most: int
    mean: float
    top: float
    gini: float


class Coverage(NamedTuple):
    """How much of a data set a modality reaches.

    Attributes:
        dim: numbers an item.
        items: share of the items that have it.
        interactions: share of the train interactions whose item has it.
    """

    dim: int
    items: float
    interactions: float


@dataclass(frozen=True)
class Look:
    """A data set in numbers.

    Attributes:
        name: of the data set.
        counts: of users, items, interactions and parts, as the data set has them.
        density: share of all pairs that are interactions.
        degrees: numbers of interactions of each user and item, all parts together.
        spreads: what these are like.
        unseen: users and items of validation and test that are absent from train, by part.
        modalities: how far each reaches.
        popular: the items with the most interactions: rows for people, and how many.
        drift: what changes in time; None without times.
        split: the split's name and hash.
        record: ``dataset.json``, or nothing.
    """

    name: str
    counts: Mapping[str, Any]
    density: float
    degrees: Mapping[str, Int64[np.ndarray, "nodes"]]
    spreads: Mapping[str, Spread]
    unseen: Mapping[str, tuple[int, int]]
    modalities: Mapping[str, Coverage]
    popular: list[tuple[Mapping[str, str], int]]
    drift: Drift | None
    split: tuple[str, str]
    record: Mapping[str, Any]


def look_at(dataset: MMRecFolder) -> Look:
    """Counts what there is to see."""
    data = dataset[0]
    counts = dataset.summary
    pairs = np.concatenate([data[INTERACTS][key].numpy() for key in PARTS.values()], axis=1)
    sizes = {"user": counts["users"], "item": counts["items"]}
    degrees = {side: np.bincount(ids, minlength=size) for ids, (side, size) in zip(pairs, sizes.items(), strict=True)}
    path = dataset.folder / FILE
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return Look(
        name=dataset.name,
        counts=counts,
        density=counts["interactions"] / (counts["users"] * counts["items"]),
        degrees=degrees,
        spreads={side: spread(degree) for side, degree in degrees.items()},
        unseen={part: _unseen(data, part) for part in ("val", "test")},
        modalities={name: _coverage(data, name, found["dim"]) for name, found in counts["modalities"].items()},
        popular=_popular(dataset, degrees["item"]),
        drift=drift_of(dataset),
        split=(record.get("split", {}).get("name", dataset.options["split"]), dataset.split_hash),
        record=record,
    )


def spread(degree: Int64[np.ndarray, "nodes"]) -> Spread:
    """What numbers of interactions are like.

    Example:
        >>> spread(np.array([1, 1, 2, 4]))
        Spread(least=1, quarter=1, median=1, three_quarters=2, most=4, mean=2.0, top=0.5, gini=0.3125)
    """
    ordered = np.sort(degree)
    least, quarter, median, three_quarters, most = np.quantile(
        ordered, [0, 0.25, 0.5, 0.75, 1], method="inverted_cdf"
    ).tolist()
    total = max(1, int(ordered.sum()))
    top = ordered[-max(1, len(ordered) // 100) :].sum() / total
    rank = 2 * np.arange(1, len(ordered) + 1) - len(ordered) - 1
    gini = float((rank * ordered).sum() / (len(ordered) * total))
    return Spread(least, quarter, median, three_quarters, most, float(ordered.mean()), float(top), gini)


def _unseen(data: HeteroData, part: str) -> tuple[int, int]:
    user, item = data[INTERACTS][PARTS[part]]
    absent = [(node, data[side].degree[node] == 0) for side, node in (("user", user), ("item", item))]
    users, items = (int(node[gone].unique().numel()) for node, gone in absent)
    return users, items


def _coverage(data: HeteroData, name: str, dim: int) -> Coverage:
    has = data["item"].get(f"has_{name}")
    if has is None:
        return Coverage(dim, 1.0, 1.0)
    return Coverage(dim, has.float().mean().item(), has[data[INTERACTS].edge_index[1]].float().mean().item())


def _popular(dataset: MMRecFolder, degree: Int64[np.ndarray, "items"]) -> list[tuple[Mapping[str, str], int]]:
    """The ten items that are taken most, as ``items.tsv`` shows them."""
    rows = dataset.items or [{}] * len(degree)
    order = np.lexsort((np.arange(len(degree)), -degree))[:10].tolist()
    return [(rows[item] or {"itemID": str(item)}, int(degree[item])) for item in order]
