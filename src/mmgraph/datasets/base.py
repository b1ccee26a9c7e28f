"""What all data sets share: labelled interactions and features become one ``HeteroData``."""

import copy
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch import Tensor
from torch_geometric.data import HeteroData, InMemoryDataset
from torch_geometric.data.storage import NodeStorage

from mmgraph.datasets.control import Control
from mmgraph.datasets.features import Modality
from mmgraph.datasets.imputation import impute
from mmgraph.datasets.interactions import TEST, TRAIN, VAL, Interactions
from mmgraph.datasets.scaling import Scaling, prepare, scale_rows
from mmgraph.nn import edge_rows
from mmgraph.reading import mapped_tensor
from mmgraph.transforms import set_interactions
from mmgraph.typing import INTERACTS, PARTS

FEATURE_KEYS = ("x_", "has_")
"""How the names of features, and of who has them, begin in the items' store."""


class InteractionDataset(InMemoryDataset):
    """A data set of one graph: users, items, their interactions and the items' features.

    ``dataset[0]`` is a ``HeteroData``: ``data["user"]`` and ``data["item"]`` with ``num_nodes`` and ``degree`` (number
    of train interactions); ``data["item"].x_<modality>``, and ``has_<modality>`` where some item lacks the modality;
    ``data["user", "interacts", "item"].edge_index`` with the train interactions sorted by user and item, and the same
    edges in the same order under ``rev_interacts``; beside them ``weight`` where the file states how much each counts,
    and ``val_edge_label_index`` and ``test_edge_label_index``, for the evaluator only (see
    :func:`~mmgraph.datasets.message_graph`).

    Args:
        name: name of the data set, for reports.
        data: the graph.
        split_hash: SHA-256 over the (user, item) pairs of the three parts, the same for any order of lines.
        notes: what else :meth:`describe` should add of how the data were made.
        arguments: what makes the same data set again, as a configuration holds it; None: nothing does.
        transform: applied to the graph at every access.
    """

    scalings: Mapping[str, Scaling] = MappingProxyType({})
    """What the features of each modality went through; nothing where they are as they were given."""
    features_in_files: bool = False
    """Whether features stay in their files, memory-mapped, to be read as they are used."""

    def __init__(
        self,
        name: str,
        data: HeteroData,
        split_hash: str,
        *,
        notes: Sequence[str] = (),
        arguments: Mapping[str, Any] | None = None,
        transform: Callable[[HeteroData], HeteroData] | None = None,
    ) -> None:
        super().__init__(transform=transform)
        self.name = name
        self.notes = list(notes)
        self.arguments = arguments if transform is None else None
        self.split_hash = split_hash
        self._data = data

    def __getitem__(self, idx: Any) -> Any:
        """The graph, ``dataset[0]``; what stands in the graph is no entry of the data set.

        Raises:
            TypeError: for the name of nodes or edges.
        """
        if isinstance(idx, str) or (isinstance(idx, tuple) and all(isinstance(name, str) for name in idx)):
            raise TypeError(f"{self.name} is a data set, which holds one graph: give dataset[0], which has {idx!r}")
        return super().__getitem__(idx)

    @cached_property
    def feature_hash(self) -> str:
        """SHA-256 over the items' features as models see them, and over which items have them."""
        digest = hashlib.sha256()
        store = self._data["item"]
        for key in sorted(key for key in store.keys() if key.startswith(FEATURE_KEYS)):  # noqa: SIM118
            x = store[key].contiguous().numpy()
            digest.update(f"{key} {x.dtype.str} {x.shape}\n".encode())
            digest.update(x.data)
        return digest.hexdigest()

    def original_ids(self, node_type: str) -> list[str] | None:
        """The ids that people know, of ``"user"`` or ``"item"`` by row; ``None`` where they are numbers."""
        return None

    def item_columns(self) -> dict[str, list[str]]:
        """What the items are, for people: a text for each by the name of the column; empty where nothing is stated."""
        category = self._data["item"].get("category")
        return {} if category is None else {self.category_column: list(map(str, category.tolist()))}

    @property
    def category_column(self) -> str:
        """The one of these columns that categories stand in."""
        return "category"

    @property
    def user_ids(self) -> Sequence[str] | Int64[np.ndarray, " users"]:
        """The users' ids by row: numbers, those of the files where users were re-indexed."""
        return self.numbers("user")

    @property
    def item_ids(self) -> Sequence[str] | Int64[np.ndarray, " items"]:
        """The items' ids by row, likewise."""
        return self.numbers("item")

    def numbers(self, node_type: str) -> Int64[np.ndarray, " nodes"]:
        """The ids by row as the graph has them, of ``"user"`` or ``"item"``: numbers in any case."""
        store = self._data[node_type]
        return _raw_ids(self._data, node_type, torch.arange(int(store.num_nodes)))

    def scale_features(self, name: str, x: Float32[np.ndarray, "rows feat"]) -> Float32[np.ndarray, "rows feat"]:
        """Features of further items as models see them: scaled by the statistics of the items that are there.

        Args:
            name: the modality.
            x: in the units of the files; a row that is all NaN is of an item that lacks the modality.
        """
        return scale_rows(x, self.scalings.get(name, Scaling()))

    def controlled(self, control: Control) -> "InteractionDataset":
        """The same data set with other features, as a control has them; this one stays as it is.

        Raises:
            ValueError: if a modality that the control names is not there.

        Example:
            >>> from mmgraph.datasets import Shuffle, Synthetic
            >>> dataset = Synthetic(num_users=50, num_items=40, modalities=["text"])
            >>> shuffled = dataset.controlled(Shuffle(seed=0))
            >>> shuffled.split_hash == dataset.split_hash, shuffled.feature_hash == dataset.feature_hash
            (True, False)
        """
        changed = copy.copy(self)
        changed.__dict__.pop("feature_hash", None)  # kept with the features that it is of
        changed.arguments = None
        changed.notes = [*self.notes, control.describe(list(self.summary["modalities"]))]
        changed._data = changed._controlled_graph(control)
        return changed

    def _controlled_graph(self, control: Control) -> HeteroData:
        """The graph with other features; none of the tensors here is written to."""
        graph = copy.copy(self._data)
        item = graph["item"]
        features = {
            name: Modality(item[f"x_{name}"].numpy(), None if (has := item.get(f"has_{name}")) is None else has.numpy())
            for name in self.summary["modalities"]
        }
        left = control.before_scaling(features, item.degree.long().numpy())
        filled = {
            name: modality if modality is features[name] and control.fill is None else _refilled(modality, control.fill)
            for name, modality in left.items()
        }
        changed = control.after_scaling(filled)
        if control.fill == "graph":
            impute(changed, *graph[INTERACTS].edge_index.numpy())
        set_features(item, changed)
        return graph

    @property
    def summary(self) -> dict[str, Any]:
        """Counts for reports: sizes, parts, who is absent from train, modalities."""
        data = self._data
        edges = self._data[INTERACTS]
        rows = edge_rows(self._data)
        counts = {part: edges[key].size(1) for part, key in PARTS.items() if key in edges}
        counts = counts if rows is None else {"train": rows.num_edges, **counts}
        names = [key.removeprefix("x_") for key in data["item"].keys() if key.startswith("x_")]  # noqa: SIM118
        return {
            "users": data["user"].num_nodes,
            "items": data["item"].num_nodes,
            "interactions": sum(counts.values()),
            **counts,
            "users_absent_from_train": int((data["user"].degree == 0).sum()),
            "items_absent_from_train": int((data["item"].degree == 0).sum()),
            "items_without_interactions": self._never_bought(),
            "modalities": {name: self._modality_summary(name) for name in names},
        }

    def _never_bought(self) -> int:
        edges = self._data[INTERACTS]
        held = [edges[PARTS[part]][1] for part in ("val", "test")]
        in_train = self._data["item"].degree > 0
        return int((~in_train.index_fill(0, torch.cat(held), True)).sum())

    def describe(self) -> str:
        """One line for people: sizes, split, who is absent, and every modality that was read.

        Example:
            >>> from mmgraph.datasets import Synthetic
            >>> print(Synthetic(num_users=50, num_items=40, modalities=[]).describe())
            synthetic: 50 users, 40 items; 246 train, 50 validation, 50 test (split per_user_random); modalities: none
        """
        counts = self.summary
        sizes = f"{self.name}: {counts['users']:,} users, {counts['items']:,} items"
        parts = f"{counts['train']:,} train, {counts['val']:,} validation, {counts['test']:,} test"
        notes = f" ({'; '.join(self.notes)})" if self.notes else ""
        absent = [
            f"{counts[key]:,} {what}"
            for key, what in (
                ("users_absent_from_train", "users absent from train"),
                ("items_absent_from_train", "items absent from train"),
                ("items_without_interactions", "items without any interaction"),
            )
            if counts[key]
        ]
        modalities = [
            f"{name} {found['dim']}-d"
            + (f" ({found['items_without']:,} items lack it)" if found["items_without"] else "")
            for name, found in counts["modalities"].items()
        ]
        return "; ".join([sizes, parts + notes, *absent, f"modalities: {', '.join(modalities) or 'none'}"])

    def _modality_summary(self, name: str) -> dict[str, int]:
        store = self._data["item"]
        has = store.get(f"has_{name}")
        return {"dim": store[f"x_{name}"].size(1), "items_without": 0 if has is None else int((~has).sum())}

    def __repr__(self) -> str:
        """Name and sizes."""
        counts = ", ".join(f"{key}={value}" for key, value in self.summary.items() if key != "modalities")
        return f"{type(self).__name__}({self.name!r}, {counts}, modalities={list(self.summary['modalities'])})"


def hetero_data(
    table: Interactions, labels: Int64[np.ndarray, "interactions"], features: Mapping[str, Modality]
) -> HeteroData:
    """Builds the graph of a data set, as :class:`InteractionDataset` describes it.

    Example:
        >>> table = Interactions(np.array([0, 0, 0]), np.array([0, 1, 2]), num_users=1, num_items=3)
        >>> hetero_data(table, np.array([0, 1, 2]), {})
        HeteroData(
          user={
            num_nodes=1,
            degree=[1],
          },
          item={
            num_nodes=3,
            degree=[3],
          },
          (user, interacts, item)={
            edge_index=[2, 1],
            val_edge_label_index=[2, 1],
            test_edge_label_index=[2, 1],
          },
          (item, rev_interacts, user)={ edge_index=[2, 1] }
        )
    """
    pairs = torch.from_numpy(np.stack([table.user, table.item]))
    train, val, test = (pairs[:, torch.from_numpy(labels == label)] for label in (TRAIN, VAL, TEST))
    data = HeteroData(user={"num_nodes": table.num_users}, item={"num_nodes": table.num_items})
    set_interactions(data, train, dtype=torch.float32)
    if table.weight is not None:
        data[INTERACTS].weight = torch.from_numpy(table.weight[labels == TRAIN]).float()
    for node_type, raw in (("user", table.raw_user), ("item", table.raw_item)):
        if raw is not None:
            data[node_type].raw_id = torch.from_numpy(raw)
    set_features(data["item"], features)
    data[INTERACTS].val_edge_label_index = val
    data[INTERACTS].test_edge_label_index = test
    return data


def set_features(item: NodeStorage, features: Mapping[str, Modality]) -> None:
    """Puts these features in the place of those that a store of items has."""
    for key in [key for key in item.keys() if key.startswith(FEATURE_KEYS)]:  # noqa: SIM118 (a store is no mapping)
        del item[key]
    for name, modality in features.items():
        item[f"x_{name}"] = mapped_tensor(modality.x)
        if modality.has is not None:
            item[f"has_{name}"] = torch.from_numpy(modality.has)


def _refilled(modality: Modality, fill: str | None) -> Modality:
    """The features, in memory of their own, with another row for the items that lack them; the mean by default."""
    own = Modality(modality.x.copy(), modality.has)
    return Modality(prepare(own, steps=[], missing=fill or "mean").x, modality.has)


def split_hash(data: HeteroData) -> str:
    """Returns the SHA-256 over the sorted (user, item) pairs of train, validation and test; raw ids where re-indexed.

    Example:
        >>> table = Interactions(np.array([0, 0, 0]), np.array([0, 1, 2]), num_users=1, num_items=3)
        >>> split_hash(hetero_data(table, np.array([0, 1, 2]), {}))[:8]
        '52d24493'
    """
    digest = hashlib.sha256()
    for part, key in PARTS.items():
        pairs = data[INTERACTS][key]
        user = _raw_ids(data, "user", pairs[0])
        item = _raw_ids(data, "item", pairs[1])
        order = np.lexsort((item, user))
        digest.update(f"{part} {pairs.size(1)}\n".encode())
        digest.update(np.stack([user[order], item[order]], axis=1).astype("<i8").tobytes())
    return digest.hexdigest()


def _raw_ids(data: HeteroData, node_type: str, index: Tensor) -> np.ndarray:
    raw = data[node_type].get("raw_id")
    return (index if raw is None else raw[index]).numpy()
