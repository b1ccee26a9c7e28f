"""Data that somebody has in memory already: any ``HeteroData`` of the documented shape."""

from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.datasets.base import InteractionDataset, split_hash
from mmgraph.typing import INTERACTS, PARTS, REV_INTERACTS

FEATURE = "x_"


class InHand(InteractionDataset):
    """A graph in memory as a data set; what can be derived from its train interactions is added where it is absent.

    The graph that is given stays as it is; tensors are shared.

    Args:
        data: ``user`` and ``item`` with ``num_nodes`` (or features), ``x_<modality>`` of the items, and under
            ``("user", "interacts", "item")`` the train interactions as ``edge_index`` with the held-out ones as
            ``val_edge_label_index`` and ``test_edge_label_index``. See :class:`InteractionDataset` for the rest.
        name: what reports call it.

    Raises:
        ValueError: if something is missing or cannot be right; names the key of the graph.

    Example:
        >>> from mmgraph.datasets import Synthetic
        >>> InHand(Synthetic(num_users=50, num_items=40)[0]).summary["train"]
        246
    """

    def __init__(self, data: HeteroData | None = None, *, name: str = "memory") -> None:
        if data is None:
            raise ValueError(
                "this run was trained on data in the memory of a Python process, and no file holds them: give them to "
                "mmgraph.load, as the argument data"
            )
        complete = _complete(data)
        super().__init__(name, complete, split_hash(complete), notes=["given in memory"])


def _complete(data: HeteroData) -> HeteroData:
    """A copy with train interactions sorted, their reverse, and degrees."""
    if INTERACTS not in data.edge_types:
        raise ValueError(f"data: there are no edges {INTERACTS}; it has {data.edge_types}")
    sizes = [_count(data, node_type) for node_type in ("user", "item")]
    graph = HeteroData()
    for node_type in data.node_types:
        for key, value in data[node_type].items():
            graph[node_type][key] = value
    for node_type, size in zip(("user", "item"), sizes, strict=True):
        graph[node_type].num_nodes = size
    for key in PARTS.values():
        graph[INTERACTS][key] = _pairs(data, key, sizes)
    edges = graph[INTERACTS].edge_index
    order = (edges[0] * sizes[1] + edges[1]).argsort()
    graph[INTERACTS].edge_index = edges[:, order]
    graph[REV_INTERACTS].edge_index = graph[INTERACTS].edge_index.flip(0)
    for row, (node_type, size) in enumerate(zip(("user", "item"), sizes, strict=True)):
        graph[node_type].degree = torch.bincount(edges[row], minlength=size).float()
    for key, x in list(graph["item"].items()):
        if key.startswith(FEATURE):
            graph["item"][key] = _features(key, x, sizes[1])
    return graph


def _count(data: HeteroData, node_type: str) -> int:
    """How many nodes there are: what is set, else the rows of a feature."""
    store = data[node_type] if node_type in data.node_types else {}
    if "num_nodes" in store:
        return int(store["num_nodes"])
    features = [value for key, value in store.items() if key.startswith(FEATURE) and isinstance(value, Tensor)]
    if not features:
        raise ValueError(f"data[{node_type!r}].num_nodes is not set: how many {node_type}s there are")
    return features[0].size(0)


def _pairs(data: HeteroData, key: str, sizes: list[int]) -> Tensor:
    place = f"data[{INTERACTS}].{key}"
    pairs: Any = data[INTERACTS].get(key)
    if not isinstance(pairs, Tensor) or pairs.dim() != 2 or pairs.size(0) != 2 or pairs.dtype != torch.long:
        found = "nothing" if pairs is None else f"{type(pairs).__name__} {getattr(pairs, 'dtype', '')}"
        raise ValueError(f"{place} must be pairs of users and items, (2, E) int64; found {found}")
    for row, (node_type, size) in enumerate(zip(("user", "item"), sizes, strict=True)):
        wrong = pairs[row][(pairs[row] < 0) | (pairs[row] >= size)]
        if wrong.numel():
            raise ValueError(f"{place}: {node_type}s must be from 0 to {size - 1}, found {int(wrong[0])}")
    return pairs


def _features(key: str, x: Any, num_items: int) -> Tensor:
    place = f"data['item'].{key}"
    if not isinstance(x, Tensor) or x.dim() != 2 or x.size(0) != num_items or not x.is_floating_point():
        raise ValueError(f"{place} must be features of the {num_items} items, ({num_items}, d) floats; found {x!r:.80}")
    finite = x.isfinite().all(dim=1)
    if not finite.all():
        row = int((~finite).nonzero()[0])
        raise ValueError(f"{place}: row {row} has a NaN or Inf; items without the modality are said by has_{key[2:]}")
    return x.float()
