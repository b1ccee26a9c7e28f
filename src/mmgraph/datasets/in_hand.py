"""Data that somebody has in memory already: any ``HeteroData`` of the documented shape."""

from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.datasets.base import InteractionDataset, split_hash
from mmgraph.transforms import set_interactions
from mmgraph.typing import INTERACTS, PARTS, REV_INTERACTS, check_kind

FEATURE = "x_"
HAS = "has_"


class InHand(InteractionDataset):
    """A graph in memory as a data set; what can be derived from its train interactions is added where it is absent.

    The graph that is given stays as it is; tensors are shared.

    Args:
        data: ``user`` and ``item`` with ``num_nodes`` (or features), ``x_<modality>`` of the items, and under
            ``("user", "interacts", "item")`` the train interactions as ``edge_index`` with the held-out ones as
            ``val_edge_label_index`` and ``test_edge_label_index``, and perhaps ``weight``, how much each of train
            counts. See :class:`InteractionDataset` for the rest.
        name: what reports call it.

    Raises:
        ValueError: if something is missing or cannot be right; names the key of the graph.
        TypeError: if ``data`` is no ``HeteroData``.

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
        check_kind("data", data, HeteroData, "of a data set: dataset[0]")
        complete = _complete(data)
        super().__init__(name, complete, split_hash(complete), notes=["given in memory", *_left_out(data)])


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
    _check_once(graph, sizes[1])
    for node_type, size in zip(("user", "item"), sizes, strict=True):
        _check_ids(graph[node_type].get("raw_id"), f"data[{node_type!r}].raw_id", size)
    edges = graph[INTERACTS].edge_index
    order = (edges[0] * sizes[1] + edges[1]).argsort()
    set_interactions(graph, edges[:, order], dtype=torch.float32)
    if (weight := data[INTERACTS].get("weight")) is not None:
        graph[INTERACTS].weight = _weights(weight, edges.size(1))[order]
    for key, x in list(graph["item"].items()):
        if key.startswith(FEATURE):
            graph["item"][key] = _features(key, x, sizes[1])
        if key.startswith(HAS):
            graph["item"][key] = _presence(key, x, sizes[1])
    return graph


def _left_out(data: HeteroData) -> list[str]:
    """What no model reads: other edges, and what edges have besides."""
    others = [str(edge_type) for edge_type in data.edge_types if edge_type not in (INTERACTS, REV_INTERACTS)]
    read = (*PARTS.values(), "weight")
    attributes = [key for key in data[INTERACTS].keys() if key not in read]  # noqa: SIM118
    left = [*others, *attributes]
    return [f"not read: {', '.join(left)}"] if left else []


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
        hint = "; hold out some of the interactions for it" if pairs is None and key != PARTS["train"] else ""
        raise ValueError(f"{place} must be pairs of users and items, (2, E) int64; found {_kind(pairs)}{hint}")
    for row, (node_type, size) in enumerate(zip(("user", "item"), sizes, strict=True)):
        wrong = pairs[row][(pairs[row] < 0) | (pairs[row] >= size)]
        if wrong.numel():
            raise ValueError(f"{place}: {node_type}s must be from 0 to {size - 1}, found {int(wrong[0])}")
    return pairs.cpu()


def _check_once(graph: HeteroData, num_items: int) -> None:
    """A repeated pair would weigh twice; a train pair among the held-out ones is masked, so nobody could find it."""
    parts = [graph[INTERACTS][key] for key in PARTS.values()]
    codes, counts = torch.cat([user * num_items + item for user, item in parts]).unique(return_counts=True)
    repeated = codes[counts > 1]
    if repeated.numel():
        user, item = divmod(int(repeated[0]), num_items)
        raise ValueError(
            f"data[{INTERACTS}]: user {user} and item {item} occur {int(counts[counts > 1][0])} times in train, "
            f"validation and test together; keep one of each pair ({repeated.numel():,} such pairs)"
        )


def _check_ids(raw: Any, place: str, size: int) -> None:
    if raw is None:
        return
    if not isinstance(raw, Tensor) or raw.shape != (size,) or raw.dtype != torch.long:
        raise ValueError(f"{place} must be the ids of the {size} nodes, ({size},) int64; found {_kind(raw)}")
    if raw.unique().numel() != size:
        raise ValueError(
            f"{place} must be an id of its own for each node; {size - raw.unique().numel():,} are repeated"
        )


def _features(key: str, x: Any, num_items: int) -> Tensor:
    place = f"data['item'].{key}"
    is_matrix = isinstance(x, Tensor) and x.layout is torch.strided and x.dim() == 2 and x.size(1) > 0
    if not is_matrix or x.size(0) != num_items or not x.is_floating_point():
        raise ValueError(
            f"{place} must be features of the {num_items} items, a dense ({num_items}, d) tensor of floats; found "
            f"{_kind(x)}"
        )
    finite = x.isfinite().all(dim=1)
    if not finite.all():
        row = int((~finite).nonzero()[0])
        raise ValueError(f"{place}: row {row} has a NaN or Inf; has_{key[2:]} is False for items without the modality")
    return x.detach().float().cpu()


def _weights(weight: Any, size: int) -> Tensor:
    fits = isinstance(weight, Tensor) and weight.shape == (size,) and weight.is_floating_point()
    if not fits or not (weight.isfinite() & (weight > 0)).all():
        raise ValueError(
            f"data[{INTERACTS}].weight must be how much each of the {size} train interactions counts, ({size},) floats "
            f"above 0; found {_kind(weight)}"
        )
    return weight.detach().float().cpu()


def _presence(key: str, has: Any, num_items: int) -> Tensor:
    if not isinstance(has, Tensor) or has.shape != (num_items,) or has.dtype != torch.bool:
        raise ValueError(
            f"data['item'].{key} must be whether each item has the modality, ({num_items},) bool; found {_kind(has)}"
        )
    return has.cpu()


def _kind(value: Any) -> str:
    """What somebody gave, without its numbers."""
    if value is None:
        return "nothing"
    shape = f" {tuple(value.shape)} {value.dtype}" if hasattr(value, "shape") and hasattr(value, "dtype") else ""
    layout = " sparse" if isinstance(value, Tensor) and value.layout is not torch.strided else ""
    return f"{type(value).__name__}{shape}{layout}"
