"""What users and items are in each modality before messages pass between them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import torch
import torch.nn.functional as F
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.data.storage import NodeStorage

from mmgraph.nn.common.initialization import TableDict, xavier_normal
from mmgraph.nn.common.reset import Resettable
from mmgraph.nn.common.sides import normalize_sides
from mmgraph.nn.modality.projection import ModalityProjection
from mmgraph.typing import Sides, View

ReadRows = Callable[[Tensor, Tensor | None], Tensor]
"""Gives the rows of a table with these numbers; all of it for None."""

_reads: ContextVar[dict[int, str] | None] = ContextVar("_reads", default=None)
_reader: ContextVar[ReadRows | None] = ContextVar("_reader", default=None)


@contextmanager
def noted_tables() -> Iterator[dict[int, str]]:
    """Notes, by its ``id``, each table that is read meanwhile and the type of the nodes that it has a row for.

    Example:
        >>> table = torch.eye(2)
        >>> with noted_tables() as noted:
        ...     _ = table_rows(table, HeteroData(item={"num_nodes": 2})["item"])
        >>> noted == {id(table): "item"}
        True
    """
    found: dict[int, str] = {}
    token = _reads.set(found)
    try:
        yield found
    finally:
        _reads.reset(token)


@contextmanager
def tables_read_by(read: ReadRows) -> Iterator[None]:
    """Has :func:`table_rows` take rows meanwhile by a function of the caller's.

    Args:
        read: given the table and the numbers of the rows, None where they are all asked for.

    Example:
        >>> store = HeteroData(item={"n_id": torch.tensor([1])})["item"]
        >>> with tables_read_by(lambda table, rows: 2 * table[rows]):
        ...     table_rows(torch.eye(2), store)
        tensor([[0., 2.]])
    """
    token = _reader.set(read)
    try:
        yield
    finally:
        _reader.reset(token)


def read_rows(table: Tensor, rows: Tensor | None) -> Tensor:
    """The rows with these numbers, all of the table for None; their gradient is as large as the table.

    >>> read_rows(torch.eye(2), torch.tensor([1]))
    tensor([[0., 1.]])
    """
    return table if rows is None else F.embedding(rows, table)


def table_rows(table: Tensor, store: NodeStorage) -> Tensor:
    """The rows of a table for the nodes of ``store``: all of it, or those a subgraph's ``n_id`` names.

    Args:
        table: one row for each node of the graph that the model was made for ``(N, d)``.
        store: the nodes of one type.

    Raises:
        ValueError: if the store has another number of nodes than the table has rows, and does not name them.

    Example:
        >>> table_rows(torch.eye(2), HeteroData(item={"n_id": torch.tensor([1])})["item"])
        tensor([[0., 1.]])
    """
    read: ReadRows = read_rows
    if not torch.compiler.is_compiling():
        read = _reader.get() or read_rows
        if (reads := _reads.get()) is not None:
            reads[id(table)] = store._key
    if "n_id" in store:
        return read(table, store.n_id)
    if store.get("num_nodes", table.size(0)) != table.size(0):
        raise ValueError(
            f"the graph has {store.num_nodes} nodes of type {store._key!r}, but the model was made for "
            f"{table.size(0)}: a node that was not there at training has no row in its tables. Give it one by "
            "run.with_new(...) (mmgraph.extension.extend), or make and train the model on the new graph"
        )
    return read(table, None)


class ModalityNodes(Resettable):
    r"""Free users and projected features, modality by modality; items may have free vectors too.

    .. math:: \mathbf u^m = \mathrm{norm}(\mathbf P_u^m), \qquad
              \mathbf i^m = \mathrm{norm}(\mathrm{MLP}_m(\mathbf X^m) + \mathbf P_i^m)

    So start DualGNN (TMM 2021, https://doi.org/10.1109/TMM.2021.3138298), DRAGON, RedND and NSMAR+.

    Args:
        feat_dims: size d_m of each modality's features, by name.
        num_users: U.
        num_items: I, where items have free vectors; None: they are their projected features.
        emb_dim: size D of the vectors.
        hidden_dim: hidden units of the perceptrons; none: linear maps.
        normalize: whether vectors are brought to length 1.

    Shapes:
        ``{name: (I, d_name)}`` -> ``{name: ((U, D), (I, D))}`` and the free ones ``{name: {"user": (U, D)}}``

    Raises:
        ValueError: if there is no modality.

    Example:
        >>> import torch
        >>> graph = HeteroData(user={"num_nodes": 2}, item={"num_nodes": 5})
        >>> nodes, free = ModalityNodes({"text": 3}, num_users=2, emb_dim=4)({"text": torch.ones(5, 3)}, graph)
        >>> [tuple(side.shape) for side in nodes["text"]], list(free["text"])
        ([(2, 4), (5, 4)], ['user'])
    """

    def __init__(
        self,
        feat_dims: Mapping[str, int],
        *,
        num_users: int,
        num_items: int | None = None,
        emb_dim: int,
        hidden_dim: int | None = None,
        normalize: bool = True,
    ) -> None:
        super().__init__()
        self.project = ModalityProjection(feat_dims, emb_dim=emb_dim, hidden_dim=hidden_dim)
        self.normalize = normalize
        self.user = TableDict(dict.fromkeys(feat_dims, (num_users, emb_dim)), draw=xavier_normal)
        free_items = {} if num_items is None else dict.fromkeys(feat_dims, (num_items, emb_dim))
        self.item = TableDict(free_items, draw=xavier_normal)

    def forward(self, x_dict: Mapping[str, Tensor], graph: HeteroData) -> tuple[dict[str, Sides], dict[str, View]]:
        """Users and items of every modality, and the free vectors of the graph's nodes among them."""
        nodes: dict[str, Sides] = {}
        free: dict[str, View] = {}
        for name, item in self.project(x_dict).items():
            user = table_rows(self.user[name], graph["user"])
            own = {"user": user}
            if name in self.item:
                own["item"] = table_rows(self.item[name], graph["item"])
                item = item + own["item"]
            free[name] = own
            sides = Sides(user, item)
            nodes[name] = normalize_sides(sides) if self.normalize else sides
        return nodes, free
