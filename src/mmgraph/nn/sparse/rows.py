"""A few rows at a time of sparse matrices and of their products, in bounded memory."""

import numpy as np
import scipy.sparse as sp
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.nn.common.sampled_sum import SAMPLE_SCALE
from mmgraph.nn.sparse.lookup import find_sorted, ragged_rows
from mmgraph.nn.sparse.spmm import TensorCache
from mmgraph.typing import REV_INTERACTS

BLOCK_SIZE = 2**21
"""Entries gathered at once: bounds what a result needs beside itself to about 100 MiB."""


def interaction_csr(edge_index: Int[Tensor, "2 edges"], num_users: int, num_items: int) -> sp.csr_array:
    """The interactions as a scipy matrix, users x items, 1 where a user chose an item.

    Example:
        >>> interaction_csr(torch.tensor([[0, 1], [2, 0]]), 2, 3).toarray().tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    row, col = edge_index.cpu().numpy()
    return sp.csr_array((np.ones(row.size, dtype=np.float32), (row, col)), shape=(num_users, num_items))


_interactions = TensorCache()


def interaction_coo(graph: HeteroData) -> Float[Tensor, "users items"]:
    """The interactions that lead to users as a coalesced COO tensor, remembered with their ``edge_index``.

    The value is 1, or where a user's interactions are a sample what each of them stands for
    (:func:`mmgraph.nn.rescale_sum`).

    Args:
        graph: holds the edges.

    Example:
        >>> graph = HeteroData(user={"num_nodes": 2}, item={"num_nodes": 3})
        >>> graph["item", "rev_interacts", "user"].edge_index = torch.tensor([[2, 0], [0, 1]])
        >>> interaction_coo(graph).to_dense()
        tensor([[0., 0., 1.],
                [1., 0., 0.]])
    """
    edges = graph[REV_INTERACTS]
    size = (graph["user"].num_nodes, graph["item"].num_nodes)

    def build() -> Tensor:
        item, user = edges.edge_index
        value = edges[SAMPLE_SCALE].index_select(0, user) if SAMPLE_SCALE in edges else torch.ones_like(user).float()
        return torch.sparse_coo_tensor(torch.stack([user, item]), value, size, check_invariants=False).coalesce()

    tensors = (edges.edge_index, edges[SAMPLE_SCALE]) if SAMPLE_SCALE in edges else (edges.edge_index,)
    return _interactions(build, tensors, *size)


def sparse_tensor(matrix: sp.csr_array, device: torch.device) -> Float[Tensor, "rows columns"]:
    """A scipy matrix as a coalesced COO tensor on ``device``.

    Example:
        >>> sparse_tensor(sp.csr_array(np.eye(2, dtype=np.float32)), torch.device("cpu")).values()
        tensor([1., 1.])
    """
    entries = matrix.sorted_indices().tocoo()
    index = torch.from_numpy(np.stack([entries.row, entries.col]).astype(np.int64))
    value = torch.from_numpy(entries.data)
    return torch.sparse_coo_tensor(index, value, matrix.shape, is_coalesced=True, check_invariants=True).to(device)


def row_entries(
    matrix: Float[Tensor, "rows columns"], rows: Int[Tensor, " batch"]
) -> tuple[Int[Tensor, " entries"], Int[Tensor, " entries"], Float[Tensor, " entries"]]:
    """Entries of some rows as ``(position in rows, column, value)``; a row that is asked twice comes twice.

    Args:
        matrix: a coalesced COO tensor.
        rows: which rows.

    Example:
        >>> matrix = torch.tensor([[0.0, 5.0], [0.0, 0.0], [6.0, 7.0]]).to_sparse().coalesce()
        >>> row_entries(matrix, torch.tensor([2, 0]))
        (tensor([0, 0, 1]), tensor([0, 1, 1]), tensor([6., 7., 5.]))
    """
    start, end = _row_bounds(matrix, rows)
    position, entry = ragged_rows(start, end - start)
    return position, matrix.indices()[1][entry], matrix.values()[entry]


def entry_values(
    matrix: Float[Tensor, "rows columns"], row: Int[Tensor, "..."], column: Int[Tensor, "..."]
) -> Float[Tensor, "..."]:
    """Values at given places, 0 where there is no entry; ``row`` and ``column`` are broadcast.

    Args:
        matrix: a coalesced COO tensor.
        row: rows.
        column: columns.

    Example:
        >>> matrix = torch.tensor([[0.0, 5.0], [6.0, 7.0]]).to_sparse().coalesce()
        >>> entry_values(matrix, torch.tensor([0, 0, 1]), torch.tensor([0, 1, 1]))
        tensor([0., 5., 7.])
    """
    code = matrix.indices()[0] * matrix.size(1) + matrix.indices()[1]
    wanted = row * matrix.size(1) + column
    if not code.numel():
        return matrix.values().new_zeros(wanted.shape)
    place, found = find_sorted(code, wanted)
    return torch.where(found, matrix.values()[place], 0.0)


def product_rows(
    left: Float[Tensor, "rows inner"], right: Float[Tensor, "inner columns"], rows: Int[Tensor, " batch"]
) -> Float[Tensor, "batch columns"]:
    """Some rows of the product of a sparse matrix with a sparse or a dense one, dense.

    Args:
        left: a coalesced COO tensor.
        right: a coalesced COO tensor, or a dense matrix.
        rows: which rows of ``left``.

    Example:
        >>> matrix = torch.tensor([[0.0, 5.0], [6.0, 7.0]]).to_sparse().coalesce()
        >>> product_rows(matrix, matrix, torch.tensor([1]))
        tensor([[42., 79.]])
    """
    row, inner, factor = row_entries(left, rows)
    if right.layout is torch.strided:
        start = torch.searchsorted(row, torch.arange(rows.numel(), device=row.device))
        return F.embedding_bag(inner, right, start, mode="sum", per_sample_weights=factor)
    num_columns = right.size(1)
    result = torch.zeros(rows.numel(), num_columns, device=rows.device)
    start, end = _row_bounds(right, inner)
    blocks = ((end - start).cumsum(0) // BLOCK_SIZE).unique_consecutive(return_counts=True)[1].tolist()
    for target, through, weight in zip(row.split(blocks), inner.split(blocks), factor.split(blocks), strict=True):
        source, column, value = row_entries(right, through)
        result.view(-1).index_add_(0, target[source] * num_columns + column, weight[source] * value)
    return result


def product_entries(
    left: Float[Tensor, "rows inner"],
    right: Float[Tensor, "inner columns"],
    row: Int[Tensor, " batch"],
    column: Int[Tensor, " batch *n"],
) -> Float[Tensor, " batch *n"]:
    """Given entries of that product, one or several columns for each row; its rows are made and dropped in blocks.

    Example:
        >>> matrix = torch.tensor([[0.0, 5.0], [6.0, 7.0]]).to_sparse().coalesce()
        >>> product_entries(matrix, matrix, torch.tensor([1, 0]), torch.tensor([1, 0]))
        tensor([79., 30.])
    """
    size = max(1, BLOCK_SIZE // right.size(1))
    blocks = zip(row.split(size), column.view(row.numel(), -1).split(size), strict=True)
    values = [product_rows(left, right, rows).gather(1, columns) for rows, columns in blocks]
    return torch.cat(values).view(column.shape)


def _row_bounds(matrix: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    row = matrix.indices()[0]
    return torch.searchsorted(row, rows), torch.searchsorted(row, rows, right=True)
