"""The words that every part of mmgraph shares: what a model returns and what one training step sees."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol, runtime_checkable

from torch import Tensor
from torch_geometric.data import HeteroData

EdgeType = tuple[str, str, str]
"""Kind of the source nodes, relation, kind of the target nodes."""
INTERACTS = ("user", "interacts", "item")
"""Edge type of the TRAIN interactions, users to items."""
REV_INTERACTS = ("item", "rev_interacts", "user")
"""The same interactions, items to users."""
PARTS = {"train": "edge_index", "val": "val_edge_label_index", "test": "test_edge_label_index"}
"""Where the interactions of each part stand under :data:`INTERACTS`."""


class Sides(NamedTuple):
    """Users and items of one kind.

    Attributes:
        user: the users' vectors ``(U, d)``.
        item: the items' vectors ``(I, d)``.
    """

    user: Tensor
    item: Tensor


View = Sides | dict[str, Tensor]
"""One named set of vectors: both sides, or ``{"user": (U, d), "item": (I, d)}`` of which an absent side is absent."""


class Encoding(NamedTuple):
    """What a model makes of a graph.

    Attributes:
        user: final user vectors ``(U, D)``, rows in the order of ``graph["user"]``.
        item: final item vectors ``(I, D)``, rows in the order of ``graph["item"]``.
        views: what loss terms read, by flat name (``"final"``, ``"ego.image"``); ``{}`` where a model has none.
            An empty view (``{}``) means "not yet": the term that reads it is zero.
    """

    user: Tensor
    item: Tensor
    views: Mapping[str, View] = {}


class Triplets(NamedTuple):
    """One batch: users, the items they chose, and items they did not choose; all are rows of the graph that came along.

    Attributes:
        user: ``(B,)``.
        pos_item: ``(B,)``.
        neg_item: ``(B,)``, or ``(B, n)`` for n negatives each.
        nodes: rows that are exact, by node type (a subgraph's seeds); ``None`` when all are. Of several processes each
            has its own subgraph and batch; where all rows are exact, all have the same.
    """

    user: Tensor
    pos_item: Tensor
    neg_item: Tensor
    nodes: dict[str, Tensor] | None = None


@runtime_checkable
class Loader(Protocol):
    """Gives the steps of one epoch, the same ones whenever the same epoch is asked for."""

    def epoch(self, graph: HeteroData, epoch: int) -> Iterator[tuple[HeteroData, Triplets]]:
        """Yields ``(graph or subgraph, batch)`` for every step of ``epoch``."""
        ...

    def __len__(self) -> int:
        """Number of steps in an epoch."""
        ...


def check_kind(name: str, value: Any, kind: type, hint: str) -> None:
    """Refuses an object that is not of the kind that belongs in its place.

    Args:
        name: what the argument is called.
        value: what was given.
        kind: what it must be.
        hint: how to come by one.

    Raises:
        TypeError: names the argument.

    Example:
        >>> check_kind("graph", [], HeteroData, "of a data set: dataset[0]")
        Traceback (most recent call last):
            ...
        TypeError: graph must be a HeteroData (of a data set: dataset[0]), got list
    """
    if not isinstance(value, kind):
        found = f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise TypeError(f"{name} must be {article} {kind.__name__} ({hint}), got {found}")
