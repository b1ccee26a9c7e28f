r"""The fast cached product: messages summed over weighted edges as a CSR matrix product, both ways.

.. math:: \mathbf y_i = \sum_{j \to i} w_{ji}\, \mathbf x_j

PyTorch's own backward of a CSR product is half as fast as a second CSR of the transposed matrix. Both are built at the
first use and kept outside the graph, in a table keyed weakly by the *identity* and the *version* of ``edge_index`` and
``edge_weight``: a pruned or sampled graph has other tensors, a changed tensor another version, so nothing is ever stale
and nothing must be invalidated; what is no longer used anywhere is freed with its tensors.
"""

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable
from weakref import ref

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

Value = TypeVar("Value")

_LARGEST_INT32 = 2**31 - 1


class TensorCache:
    """Remembers what was computed from tensors, for as long as they live and do not change.

    >>> cache = TensorCache()
    >>> x = torch.ones(2)
    >>> cache(lambda: x.sum().item(), (x,)), cache(lambda: "never called", (x,)), len(cache)
    (2.0, 2.0, 1)
    >>> _ = x.add_(1)                                   # a change of the tensor is a change of its version
    >>> cache(lambda: x.sum().item(), (x,))
    4.0
    """

    def __init__(self) -> None:
        self._entries: WeakTensorKeyDictionary = WeakTensorKeyDictionary()

    def __len__(self) -> int:
        return len(self._entries)

    def __call__(self, compute: Callable[[], Value], tensors: tuple[Tensor, ...], *options: Any) -> Value:
        """Returns ``compute()`` or what it gave for the same tensors, unchanged since, and equal options."""
        if torch.compiler.is_compiling():  # what is traced stands for tensors yet to come: there is nothing to remember
            return compute()
        first, *others = tensors
        entries = self._entries.setdefault(first, {})
        key = (tuple(id(tensor) for tensor in others), options)
        versions = tuple(tensor._version for tensor in tensors)
        if key in entries:
            refs, known_versions, value = entries[key]
            if versions == known_versions and all(r() is tensor for r, tensor in zip(refs, others, strict=True)):
                return value
        for dead in [known for known, (refs, *_) in entries.items() if any(r() is None for r in refs)]:
            del entries[dead]
        entries[key] = (tuple(ref(tensor) for tensor in others), versions, value := compute())
        return value


class CSR(NamedTuple):
    """Where the edges of each row lie: ``pointer`` (rows + 1), ``col`` (E,), and ``order``, edges sorted by row."""

    pointer: Tensor
    col: Tensor
    order: Tensor

    @classmethod
    def of(cls, row: Tensor, col: Tensor, size: tuple[int, int]) -> "CSR":
        """Sorts edges by ``row``; positions take 4 bytes wherever they fit, as products then need not convert them."""
        order = torch.argsort(row, stable=True)
        dtype = torch.int32 if max(row.numel(), *size) <= _LARGEST_INT32 else torch.int64
        pointer = torch.zeros(size[0] + 1, dtype=dtype, device=row.device)
        pointer[1:] = torch.bincount(row, minlength=size[0]).cumsum(0)
        return cls(pointer, col.index_select(0, order).to(dtype), order)

    def matrix(self, weight: Tensor, num_cols: int) -> Tensor:
        """The sparse matrix with ``weight`` given edge by edge."""
        return self.with_values(weight.index_select(0, self.order), num_cols)

    def with_values(self, values: Tensor, num_cols: int) -> Tensor:
        """The sparse matrix with its values in their places."""
        size = (self.pointer.numel() - 1, num_cols)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
            return torch.sparse_csr_tensor(self.pointer, self.col, values, size, check_invariants=False)


@runtime_checkable
class Divided(Protocol):
    """A matrix of which each process has some rows, as :class:`~mmgraph.nn.sparse.block_matrix.BlockMatrix` is."""

    @property
    def dtype(self) -> torch.dtype:
        """Of its values."""
        ...

    def multiply(self, x: Tensor, *, scale: float, onto: Tensor | None, out: Tensor | None) -> Tensor:
        """What :func:`csr_matmul` is for this process's rows."""
        ...


class Adjacency(NamedTuple):
    """One weighted graph as two CSR matrices: rows are targets, and rows are sources (for the backward pass)."""

    to_target: Tensor | Divided
    to_source: Tensor | Divided

    def transposed(self) -> "Adjacency":
        """Messages the other way."""
        return Adjacency(self.to_source, self.to_target)


_adjacencies = TensorCache()


def adjacency(
    edge_index: Tensor, edge_weight: Tensor, num_sources: int, num_targets: int, dtype: torch.dtype
) -> Adjacency:
    """The matrices of a graph, made at the first call with these very tensors and found again afterwards.

    Raises:
        ValueError: if ``edge_weight`` requires gradients.
    """
    if edge_weight.requires_grad:
        raise ValueError(
            "edge_weight requires gradients, which the cached product does not give; use a conv's propagate"
        )

    def build() -> Adjacency:
        source, target = edge_index
        weight = edge_weight.detach().to(dtype)
        to_target = CSR.of(target, source, (num_targets, num_sources)).matrix(weight, num_sources)
        return Adjacency(to_target, CSR.of(source, target, (num_sources, num_targets)).matrix(weight, num_targets))

    return _adjacencies(build, (edge_index, edge_weight), num_sources, num_targets, dtype)


def csr_matmul(
    matrix: Tensor | Divided, x: Tensor, *, scale: float = 1.0, onto: Tensor | None = None, out: Tensor | None = None
) -> Tensor:
    """``scale * (matrix @ x + onto)`` of a CSR matrix and dense ones, in one pass.

    Without the zeros and the copy of ``matrix @ x`` it is 1.6 to 2 times as fast.

    Args:
        matrix: the sparse one, or this process's rows of it.
        x: what it is multiplied by.
        scale: of the result.
        onto: what is added; None: nothing.
        out: where the result goes, ``onto`` itself perhaps; None: where there is room.
    """
    if not isinstance(matrix, Tensor):
        return matrix.multiply(x, scale=scale, onto=onto, out=out)
    if onto is None:
        out = x.new_empty(matrix.size(0), x.size(1)) if out is None else out
        return torch.addmm(out, matrix, x, beta=0, alpha=scale, out=out)
    return torch.addmm(onto, matrix, x, beta=scale, alpha=scale, out=out)


def gathered_sum(x: Tensor, edge_index: Tensor, edge_weight: Tensor, num_targets: int) -> Tensor:
    """The product in terms that a compiler can trace and fuse; on its own it would hold a vector per edge."""
    dtype = torch.promote_types(x.dtype, edge_weight.dtype)
    with torch.autocast(x.device.type, enabled=False):
        messages = edge_weight.to(dtype).unsqueeze(-1) * x.to(dtype).index_select(0, edge_index[0])
        return messages.new_zeros(num_targets, x.size(1)).index_add(0, edge_index[1], messages)


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, adjacency: Adjacency) -> Tensor:
        ctx.adjacency = adjacency
        return csr_matmul(adjacency.to_target, x)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        return csr_matmul(ctx.adjacency.to_source, grad.contiguous()), None


def product(x: Tensor, matrices: Adjacency) -> Tensor:
    """The messages' sums by the matrices of a graph, with a gradient to ``x``; in full precision under autocast."""
    with torch.autocast(x.device.type, enabled=False):
        total: Tensor = _Product.apply(x.to(matrices.to_target.dtype), matrices)
    return total


def spmm(
    x: Float[Tensor, "sources dim"],
    edge_index: Int[Tensor, "2 edges"],
    edge_weight: Float[Tensor, " edges"],
    num_targets: int,
) -> Float[Tensor, "targets dim"]:
    r"""Sums weighted messages at their targets, :math:`\mathbf y_i = \sum_{j \to i} w_{ji} \mathbf x_j`.

    The two CSR matrices are built when a pair of ``edge_index`` and ``edge_weight`` is first met, and found again by
    identity afterwards: pass the same tensors, not equal ones. Runs in full precision under autocast (a CSR product has
    no bf16). Gradients flow to ``x`` only.

    Args:
        x: vectors of the sources.
        edge_index: sources over targets.
        edge_weight: weight of each message; must not require gradients.
        num_targets: number of rows of the result.

    Raises:
        ValueError: if ``edge_weight`` requires gradients.

    Example:
        >>> edges = torch.tensor([[0, 1, 1], [0, 0, 1]])
        >>> spmm(torch.tensor([[1.0], [2.0]]), edges, torch.tensor([1.0, 0.5, 1.0]), 2)
        tensor([[2.],
                [2.]])
    """
    if torch.compiler.is_compiling():
        return gathered_sum(x, edge_index, edge_weight, num_targets)
    dtype = torch.promote_types(x.dtype, edge_weight.dtype)
    return product(x, adjacency(edge_index, edge_weight, x.size(0), num_targets, dtype))
