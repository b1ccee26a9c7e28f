"""Users and items that are held out wholly, and half of whose interactions then become known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.config.compose import compose_config
from mmgraph.datasets import MMRecFolder
from mmgraph.datasets.features import Modality
from mmgraph.datasets.scaling import prepare, scale_rows, scaling_steps
from mmgraph.typing import INTERACTS, PARTS

Pairs = Tensor
"""Users over items, ``(2, E)``."""


@dataclass(frozen=True)
class ColdSplit:
    """Old users and items have the first rows, new ones the last.

    Attributes:
        num_users: how many users are old.
        num_items: how many items are old.
        all_users: how many there are.
        all_items: how many there are.
        old: train, validation and test interactions of old users with old items.
        given_users: what is known of new users, with old items.
        held_users: what is to be found of them.
        given_items: what is known of new items, with old users.
        held_items: what is to be found of them.
        features: of all items, scaled by the statistics of the old ones.
    """

    num_users: int
    num_items: int
    all_users: int
    all_items: int
    old: dict[str, Pairs]
    given_users: Pairs
    held_users: Pairs
    given_items: Pairs
    held_items: Pairs
    features: dict[str, Tensor]

    def graph(self, *, retrained: bool) -> HeteroData:
        """The data to train on: old users and items, or all, with what is known of the new ones."""
        data = HeteroData()
        data["user"].num_nodes = self.all_users if retrained else self.num_users
        data["item"].num_nodes = self.all_items if retrained else self.num_items
        for name, x in self.features.items():
            data["item"][f"x_{name}"] = x[: data["item"].num_nodes].clone()
        known = [self.given_users, self.given_items] if retrained else []
        for part, key in PARTS.items():
            data[INTERACTS][key] = self.old[part]
        data[INTERACTS].edge_index = torch.cat([self.old["train"], *known], dim=1)
        return data


def read_cold_split(name: str, *, part: str, share: float, seed: int) -> ColdSplit:
    """Draws the new users and items of a data set of ``conf/dataset``.

    Args:
        name: the data set, a folder with features for every item.
        part: "test", or "validation": drawn among what is old in the test's split, whose new ones are left out.
        share: of the users, and of the items, that are new.
        seed: of what is drawn.
    """
    options: dict[str, Any] = dict(compose_config([f"dataset={name}"]).dataset)
    raw = MMRecFolder(options["root"], features="raw")
    generator = torch.Generator().manual_seed(seed)
    pairs, label, raw_features = _read(raw[0])
    sizes = [int(raw[0][side].num_nodes) for side in ("user", "item")]
    if part == "validation":
        kept = [~_drawn(size, share, generator) for size in sizes]
        inside = kept[0][pairs[0]] & kept[1][pairs[1]]
        pairs = torch.stack([keep.cumsum(0)[row] - 1 for keep, row in zip(kept, pairs[:, inside], strict=True)])
        label = label[inside]
        raw_features = {key: x[kept[1].numpy()] for key, x in raw_features.items()}
        sizes = [int(keep.sum()) for keep in kept]
    new = [_drawn(size, share, generator) for size in sizes]
    place = [torch.cat([(~side).nonzero(), side.nonzero()]).flatten() for side in new]
    pairs = torch.stack([order.argsort()[row] for order, row in zip(place, pairs, strict=True)])
    first_new = [int((~side).sum()) for side in new]
    new_user = pairs[0] >= first_new[0]
    new_item = pairs[1] >= first_new[1]
    old = ~new_user & ~new_item
    given_users, held_users = _halves(pairs[:, new_user & ~new_item], 0, generator)
    given_items, held_items = _halves(pairs[:, ~new_user & new_item], 1, generator)
    ordered = {key: x[place[1].numpy()] for key, x in raw_features.items()}
    return ColdSplit(
        *first_new,
        *sizes,
        {part: pairs[:, old & (label == number)] for number, part in enumerate(PARTS)},
        given_users,
        held_users,
        given_items,
        held_items,
        _scaled(ordered, first_new[1], options.get("features") or "raw"),
    )


def _read(data: HeteroData) -> tuple[Pairs, Tensor, dict[str, np.ndarray]]:
    parts = [data[INTERACTS][key] for key in PARTS.values()]
    label = torch.arange(len(parts)).repeat_interleave(torch.tensor([part.size(1) for part in parts]))
    features = {key.removeprefix("x_"): x.numpy() for key, x in data["item"].items() if key.startswith("x_")}
    return torch.cat(parts, dim=1), label, features


def _drawn(size: int, share: float, generator: torch.Generator) -> Tensor:
    mask = torch.zeros(size, dtype=torch.bool)
    mask[torch.randperm(size, generator=generator)[: round(share * size)]] = True
    return mask


def _halves(pairs: Pairs, row: int, generator: torch.Generator) -> tuple[Pairs, Pairs]:
    """Of each node's pairs half at random, the larger one, and the rest."""
    pairs = pairs[:, torch.randperm(pairs.size(1), generator=generator)]
    pairs = pairs[:, pairs[row].argsort(stable=True)]
    count = torch.bincount(pairs[row])
    rank = torch.arange(pairs.size(1)) - (count.cumsum(0) - count)[pairs[row]]
    given = rank < (count[pairs[row]] + 1) // 2
    return pairs[:, given], pairs[:, ~given]


def _scaled(features: Mapping[str, np.ndarray], num_old: int, scalings: Any) -> dict[str, Tensor]:
    steps = scaling_steps(scalings, list(features))
    found = {}
    for name, x in features.items():
        old = prepare(Modality(x[:num_old].copy(), None), steps=steps[name], missing="mean")
        found[name] = torch.from_numpy(np.concatenate([old.x, scale_rows(x[num_old:], old.scaling)]))
    return found
