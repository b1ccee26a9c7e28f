"""The words that every part of mmgraph shares: what a model returns and what one training step sees."""

from collections.abc import Callable, Iterator, Mapping
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


class RowwiseView(Mapping[str, Tensor]):
    """A view whose vectors are each made of one row of something, when they are read: a batch reads few of all.

    As a mapping it gives the vectors of all nodes of a side. What it makes is made once for the same ``rows`` object,
    and once for a node that is there several times: what a layer draws at random is the same wherever it is read.

    Args:
        make: gives the vectors of some rows, each of its own row alone; by side, where users and items differ.
        of: the rows by side, or another such view; several where a vector is made of a row of each.

    Example:
        >>> import torch
        >>> view = RowwiseView(torch.neg, {"item": torch.tensor([[1.0], [2.0], [3.0]])})
        >>> view.rows("item", torch.tensor([2, 0, 2])).flatten()
        tensor([-3., -1., -3.])
        >>> view["item"].flatten()
        tensor([-1., -2., -3.])
    """

    def __init__(
        self, make: Callable[..., Tensor] | Mapping[str, Callable[..., Tensor]], *of: Mapping[str, Tensor]
    ) -> None:
        self.make = make
        self.of = of
        self._whole: dict[str, Tensor] = {}
        self._distinct: dict[tuple[str, int], tuple[Tensor, Tensor]] = {}

    def __getitem__(self, side: str) -> Tensor:
        if side not in self._whole:
            self._whole[side] = self._maker(side)(*(source[side] for source in self.of))
        return self._whole[side]

    def __contains__(self, side: object) -> bool:
        return side in self.of[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self.of[0])

    def __len__(self) -> int:
        return len(self.of[0])

    def rows(self, side: str, rows: Tensor) -> Tensor:
        """The vectors of some nodes ``(n, d)``, which may be there several times."""
        nodes, place = rows.unique(return_inverse=True)
        return self._of_distinct(side, rows, nodes).index_select(0, place)

    def _of_distinct(self, side: str, rows: Tensor, nodes: Tensor) -> Tensor:
        key = (side, id(rows))
        if key not in self._distinct:
            sources = [
                source._of_distinct(side, rows, nodes)
                if isinstance(source, RowwiseView)
                else source[side].index_select(0, nodes)
                for source in self.of
            ]
            self._distinct[key] = (rows, self._maker(side)(*sources))  # rows is held, so that its id stays its own
        return self._distinct[key][1]

    def _maker(self, side: str) -> Callable[..., Tensor]:
        return self.make[side] if isinstance(self.make, Mapping) else self.make


View = Sides | Mapping[str, Tensor]
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
