"""Edges by their targets, in vectors that may lie in files: what there is of a graph that memory does not hold."""

import warnings
from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Bool, Int, Int64
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.nn.sparse.lookup import ragged_rows
from mmgraph.typing import INTERACTS, EdgeType

BY_TARGET = "by_target"
"""Under what name an edge store holds its :class:`EdgeRows`; it has no ``edge_index`` then."""
BLOCK_EDGES = 2**20
"""Edges that are worked on at once."""


class EdgeRows:
    """Edges of one type, those of a target one after another, sources ascending: a CSR without values.

    Args:
        pointer: where each target's edges begin ``(targets + 1,)`` int64.
        source: where each edge comes from ``(E,)``, any kind of integer.

    Example:
        >>> rows = EdgeRows(torch.tensor([0, 2, 3]), torch.tensor([1, 4, 0], dtype=torch.int32))
        >>> rows
        EdgeRows(targets=2, edges=3)
        >>> rows.entries(torch.tensor([1, 0]))
        (tensor([0, 1, 1]), tensor([0, 1, 4]))
        >>> rows.contain(torch.tensor([0, 0, 1]), torch.tensor([4, 2, 0])).tolist()
        [True, False, True]
    """

    def __init__(self, pointer: Int64[Tensor, " targets_1"], source: Int[Tensor, " edges"]) -> None:
        self.pointer = pointer
        self.source = source

    def __repr__(self) -> str:
        """How many there are."""
        return f"{type(self).__name__}(targets={self.num_targets}, edges={self.num_edges})"

    @property
    def num_targets(self) -> int:
        """Number of targets, those without an edge included."""
        return self.pointer.numel() - 1

    @property
    def num_edges(self) -> int:
        """Number of edges."""
        return self.source.numel()

    def to(self, device: torch.device | str, non_blocking: bool = False) -> "EdgeRows":
        """The same on a device; on the CPU what lies in files stays there."""
        return EdgeRows(*(x.to(device, non_blocking=non_blocking) for x in (self.pointer, self.source)))

    def start(self, target: Int[Tensor, "*n"]) -> Int64[Tensor, "*n"]:
        """Where the edges of targets begin."""
        return self.pointer[target]

    def count(self, target: Int[Tensor, "*n"]) -> Int64[Tensor, "*n"]:
        """How many edges lead to targets."""
        return self.pointer[target + 1] - self.pointer[target]

    def degree(self) -> Int64[Tensor, " targets"]:
        """How many edges lead to each target."""
        return self.pointer.diff()

    def source_of(self, edge: Int[Tensor, "*n"]) -> Int64[Tensor, "*n"]:
        """Where edges come from."""
        return self.source[edge].long()

    def target_of(self, edge: Int[Tensor, "*n"]) -> Int64[Tensor, "*n"]:
        """Where edges lead to."""
        return torch.searchsorted(self.pointer, edge, right=True) - 1

    def entries(self, target: Int[Tensor, " batch"]) -> tuple[Int64[Tensor, " edges"], Int64[Tensor, " edges"]]:
        """All edges of the targets as ``(row, source)``, where row is a position in ``target``."""
        row, place = ragged_rows(self.start(target), self.count(target))
        return row, self.source_of(place)

    def blocks(self, size: int = BLOCK_EDGES) -> Iterator[tuple[Int64[Tensor, " edges"], Int64[Tensor, " edges"]]]:
        """Yields targets and sources of ``size`` edges at a time, in order."""
        for first in range(0, self.num_edges, size):
            last = min(first + size, self.num_edges)
            yield self.target_of(torch.arange(first, last, device=self.source.device)), self.source[first:last].long()

    def target_blocks(self, size: int = BLOCK_EDGES) -> Iterator[Int64[Tensor, " targets"]]:
        """Yields all targets, as many at a time as ``size`` edges lead to, or one to which more do."""
        first = 0
        while first < self.num_targets:
            fitting = int(torch.searchsorted(self.pointer, self.pointer[first] + size, right=True)) - 1
            last = min(max(fitting, first + 1), first + size, self.num_targets)
            yield torch.arange(first, last, device=self.source.device)
            first = last

    def contain(self, target: Int[Tensor, " pairs"], source: Int[Tensor, " pairs"]) -> Bool[Tensor, " pairs"]:
        """Whether each pair is an edge: a search in halves of all the targets' rows at once, which holds no row."""
        low = self.start(target)
        end = low + self.count(target)
        high = end
        for _ in range(int((high - low).amax() if low.numel() else 0).bit_length()):
            middle = (low + high) // 2
            is_open = low < high
            below = is_open & (self.source_of(middle.clamp(max=self.num_edges - 1)) < source)
            low = torch.where(below, middle + 1, low)
            high = torch.where(is_open & ~below, middle, high)
        return (low < end) & (self.source_of(low.clamp(max=self.num_edges - 1)) == source)


def mapped_tensor(array: np.ndarray) -> Tensor:
    """An array that lies in a file as a tensor, without reading it; whoever writes to it ends the process."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(array)


def edge_rows(graph: HeteroData, edge_type: EdgeType = INTERACTS) -> EdgeRows | None:
    """The edges of a type where a graph holds them by target; None: it has an ``edge_index``.

    Args:
        graph: the graph.
        edge_type: which edges, by default the interactions, whose targets are the items.
    """
    found = graph[edge_type].get(BY_TARGET)
    assert found is None or isinstance(found, EdgeRows)
    return found


def check_in_memory(graph: HeteroData, what: str) -> None:
    """Refuses a graph whose interactions lie in files.

    Args:
        graph: the graph.
        what: what would read all of them, for the message.

    Raises:
        ValueError: names what to do.

    Example:
        >>> graph = HeteroData()
        >>> graph[INTERACTS][BY_TARGET] = EdgeRows(torch.tensor([0, 1]), torch.tensor([0]))
        >>> check_in_memory(graph, "warm_start")
        Traceback (most recent call last):
            ...
        ValueError: warm_start reads interactions that are in memory, and these lie in files: ...
    """
    if edge_rows(graph) is not None:
        raise ValueError(
            f"{what} reads interactions that are in memory, and these lie in files: set dataset.interactions=memory"
        )
