"""What messages pass along: ``edge_index``, a sparse adjacency, or edges of a ``HeteroData``, brought into one form."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor
from torch_geometric import EdgeIndex
from torch_geometric.data.storage import EdgeStorage
from torch_geometric.typing import SparseTensor

from mmgraph.nn.sparse.spmm import TensorCache

EdgesLike: TypeAlias = Tensor | SparseTensor | EdgeStorage
"""``edge_index`` ``(2, E)``, sources over targets, as a tensor or an ``EdgeIndex``; a sparse adjacency, targets x
sources, as a ``SparseTensor`` of torch-sparse or a sparse tensor of torch; or a store of edges."""

LAYOUTS = (torch.sparse_coo, torch.sparse_csr)

_coordinates = TensorCache()
_all_one = TensorCache()
_flipped = TensorCache()


class Edges(NamedTuple):
    """Edges in the one form that convolutions work with.

    Attributes:
        edge_index: sources over targets ``(2, E)``.
        weight: weight of each edge that came along with them ``(E,)``.
        size: number of targets and of sources, where a matrix has them.
        store: what else a store keeps of its edges, ``sample_scale`` above all.
    """

    edge_index: Tensor
    weight: Tensor | None = None
    size: tuple[int, int] | None = None
    store: Mapping[str, Tensor] = MappingProxyType({})

    def flipped(self) -> "Edges":
        """The same edges the other way; the same tensor each time, since products are remembered by identity."""
        return self._replace(edge_index=_flipped(lambda: self.edge_index.flip(0), (self.edge_index,)))


def read_edges(edges: EdgesLike) -> Edges:
    """Reads edges in any form; what it has to make is remembered with what it was made of.

    A sparse tensor of torch has values even where nobody gave weights: values that are all 1 are none.

    Args:
        edges: in one of the forms of :data:`EdgesLike`.

    Raises:
        ValueError: if it is none of these, or edges of a divided graph.

    Example:
        >>> read_edges(torch.tensor([[0.0, 1.0, 1.0]]).to_sparse_coo()).edge_index
        tensor([[1, 2],
                [0, 0]])
    """
    if isinstance(edges, Tensor):
        return _of_tensor(edges)
    if isinstance(edges, SparseTensor):
        row, col, value = edges.coo()
        edge_index = _coordinates(lambda: torch.stack([col, row]), (row, col))
        return Edges(edge_index, _weight(value), (edges.size(0), edges.size(1)))
    store = dict(edges.items())  # to_dict() copies in a way that torch.compile cannot trace
    if "out_source" in store:
        raise ValueError(
            "these edges are one process's part of a divided graph (trainer.partition=true), and other processes have "
            "their sources: BipartitePropagation and, along weighted edges, GraphSmoothing receive them, no other layer"
        )
    edge_index, weight, size, _ = read_edges(store["edge_index"] if "edge_index" in store else store["adj_t"])
    return Edges(edge_index, store.get("edge_weight", weight), size, store)


def _of_tensor(edges: Tensor) -> Edges:
    if isinstance(edges, EdgeIndex):
        edges = edges.as_tensor()
    if edges.layout != torch.strided:
        return _of_matrix(edges)
    if edges.dim() != 2 or edges.size(0) != 2 or edges.is_floating_point():
        raise ValueError(
            f"edge_index must be integers (2, E), sources over targets, or a sparse adjacency, targets x sources; got "
            f"{edges.dtype} of shape {tuple(edges.shape)}: dense matrices need .to_sparse_csr()"
        )
    return Edges(edges)


def _of_matrix(matrix: Tensor) -> Edges:
    if matrix.layout not in LAYOUTS or matrix.dim() != 2:
        raise ValueError(
            f"a sparse adjacency must be a matrix in COO or CSR layout; got {matrix.layout} of shape "
            f"{tuple(matrix.shape)}: .to_sparse_csr() makes one"
        )
    # A change of the values is no change of the matrix's own version.
    version = matrix.detach()._values()._version if matrix.layout == torch.sparse_coo else matrix.values()._version
    index, value = _coordinates(lambda: coordinates(matrix.detach()), (matrix,), version)
    if matrix.requires_grad:
        value = coordinates(matrix)[1]
    return Edges(index, _weight(value), (matrix.size(0), matrix.size(1)))


def coordinates(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Columns over rows of a sparse matrix's entries ``(2, E)``, sorted by row, and their values, with gradients."""
    entries = matrix.to_sparse_coo().coalesce()
    return entries.indices().flip(0), entries.values()


def _weight(value: Tensor | None) -> Tensor | None:
    if value is None or value.requires_grad:
        return value
    if value.dim() != 1:
        raise ValueError(f"values of a sparse adjacency must be one number for each edge, got {tuple(value.shape)}")
    return None if _all_one(lambda: bool((value == 1).all()), (value,)) else value
