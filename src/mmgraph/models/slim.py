"""SLIM: sparse linear methods (Ning and Karypis, ICDM 2011, https://doi.org/10.1109/ICDM.2011.134)."""

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.models.item_item import FurtherItems, ItemItemRecommender
from mmgraph.nn import TensorCache, sparse_tensor
from mmgraph.typing import INTERACTS, Encoding

MAX_SWEEPS = 200
TOLERANCE = 1e-5
"""No weight moves by more in the last sweep."""
RESIDUALS = 2**27
"""Numbers that are held at once while weights are found: users times items that are solved for together; 512 MiB."""

_weights = TensorCache()


class SLIM(ItemItemRecommender):
    r"""Scores an item by a sparse weighted sum of the user's items; the weights are an elastic net for each item.

    .. math:: \min_{\mathbf W} \tfrac12 \|\mathbf A - \mathbf A \mathbf W\|_F^2
              + \tfrac{\beta}{2} \|\mathbf W\|_F^2 + \lambda \|\mathbf W\|_1
              \quad \text{s.t.}\ \mathbf W \ge 0,\ \operatorname{diag}(\mathbf W) = 0, \qquad
              \hat{\mathbf a}_u = \mathbf a_u \mathbf W \quad\text{(Eq. 1-2)}

    The model keeps nothing: its encoding is the sparse interaction matrix A (users) and the sparse weights W (items), a
    function of the graph that is remembered for as long as the graph's edges live.

    Args:
        graph: the message graph.
        l1_weight: lambda, at least 0; an item that shares no more users than this with another has no weight on it.
        l2_weight: beta, above 0.

    Raises:
        ValueError: if a weight is out of range.

    Example:
        Items of 3 and 2 users, of whom 2 have both: the weight of the first in the second's net is 2 / (3 + beta), that
        of the second in the first's 2 / (2 + beta).

        >>> graph = HeteroData(user={"num_nodes": 3}, item={"num_nodes": 2})
        >>> graph["user", "interacts", "item"].edge_index = torch.tensor([[0, 0, 1, 1, 2], [0, 1, 0, 1, 0]])
        >>> model = SLIM(graph, l1_weight=0, l2_weight=2)
        >>> model.score(model(graph), torch.tensor([2, 0]))
        tensor([[0.0000, 0.4000],
                [0.5000, 0.4000]])
    """

    cost = "closed form"
    needs_full_graph = True  # every weight rests on all users of its items

    def __init__(self, graph: HeteroData, *, l1_weight: float = 0.5, l2_weight: float = 5.0) -> None:
        super().__init__(graph)
        if not (l1_weight >= 0 and l2_weight > 0):
            raise ValueError(f"l1_weight={l1_weight} must be at least 0 and l2_weight={l2_weight} above 0")
        self.l1_weight = float(l1_weight)
        self.l2_weight = float(l2_weight)

    def forward(self, graph: HeteroData) -> Encoding:
        """The interactions ``(U, I)`` and the weights ``(I, I)`` as sparse COO tensors."""
        edge_index = graph[INTERACTS].edge_index
        size = graph["user"].num_nodes, graph["item"].num_nodes

        def fit() -> Encoding:
            interactions = self.interactions(graph)
            weights = item_weights(interactions, l1_weight=self.l1_weight, l2_weight=self.l2_weight)
            device = edge_index.device
            return Encoding(sparse_tensor(interactions, device), sparse_tensor(weights, device))

        return _weights(fit, (edge_index,), *size, self.l1_weight, self.l2_weight)

    def weigh(self, graph: HeteroData, further: FurtherItems) -> Tensor:
        """Nets of further items."""
        settings = {"l1_weight": self.l1_weight, "l2_weight": self.l2_weight}
        found = _nets(self.interactions(graph), further.chosen, itself=False, **settings)
        return sparse_tensor(found, torch.device("cpu"))

    def fit_closed_form(self, graph: HeteroData) -> bool:
        """Finds the weights of this graph, which :meth:`forward` then remembers."""
        self(graph)
        return True


def item_weights(interactions: sp.csr_array, *, l1_weight: float, l2_weight: float) -> sp.csr_array:
    """The weights W of Eq. 2, by coordinate descent on the weights of one item in all the others' nets at once.

    Nets are independent of each other, so a step may move them all. Only items with more than ``l1_weight`` users in
    common can have a weight: interactions and weights are at least 0, and the others' gradient is never below 0. A
    sweep costs one operation for each user of an item and each net that it may have a weight in.

    Args:
        interactions: ``(U, I)``, 1 where a user chose an item.
        l1_weight: lambda.
        l2_weight: beta.

    Returns:
        ``(I, I)``: column j is the net of item j.
    """
    return _nets(interactions, interactions, itself=True, l1_weight=l1_weight, l2_weight=l2_weight)


def _nets(
    interactions: sp.csr_array, chosen: sp.csr_array, *, itself: bool, l1_weight: float, l2_weight: float
) -> sp.csr_array:
    """Nets of the items in the columns of ``chosen``, which are the same items (``itself``) or other ones."""
    num_users, num_items = interactions.shape
    together = max(1, RESIDUALS // max(1, num_users))
    by_item = interactions.T.tocsr()
    parts = []
    for start in range(0, chosen.shape[1], together):
        target = chosen[:, start : start + together].tocsr()
        weights = (by_item @ target).tocsr()
        item = np.repeat(np.arange(num_items), np.diff(weights.indptr))
        itself_too = itself & (item == weights.indices + start)
        weights.data[(weights.data <= l1_weight) | itself_too] = 0
        weights.eliminate_zeros()
        weights.data[:] = 0
        _descend(weights, by_item, target.toarray(), l1_weight, l2_weight)
        weights.eliminate_zeros()
        parts.append(weights)
    return sp.hstack(parts, format="csr")


def _descend(
    weights: sp.csr_array, by_item: sp.csr_array, residual: np.ndarray, l1_weight: float, l2_weight: float
) -> None:
    """Moves ``weights``, of which only stored entries may become more than 0; ``residual`` is A - A W all the time."""
    degree = np.diff(by_item.indptr)
    movable = np.flatnonzero(np.diff(weights.indptr))
    for sweep in range(MAX_SWEEPS):
        everything = sweep % 4 == 0  # else what is above 0, which is less and moves more
        largest = 0.0
        for item in movable:
            entries = np.arange(weights.indptr[item], weights.indptr[item + 1])
            if not everything:
                entries = entries[weights.data[entries] > 0]
            users = by_item.indices[by_item.indptr[item] : by_item.indptr[item + 1], None]
            net = weights.indices[entries]
            old = weights.data[entries]
            pull = residual[users, net].sum(0) + degree[item] * old - l1_weight
            change = np.maximum(pull / (degree[item] + l2_weight), 0) - old
            moved = np.flatnonzero(change)
            if moved.size:
                residual[users, net[moved]] -= change[moved]
                weights.data[entries] += change
                largest = max(largest, float(np.abs(change).max()))
        if everything and largest < TOLERANCE:
            return
