"""Items similar to those a user has."""

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.models.item_item import FurtherItems, ItemItemRecommender
from mmgraph.nn import sparse_tensor
from mmgraph.transforms import top_entries
from mmgraph.typing import INTERACTS, Encoding

CHUNK_ITEMS = 512
"""Items whose co-occurrences with all others are held at once."""


class ItemKNN(ItemItemRecommender):
    r"""Scores an item by those of its k nearest neighbours that the user has; near are items chosen by the same users.

    Source: B. Sarwar et al., Item-based collaborative filtering recommendation algorithms, WWW 2001
    (https://doi.org/10.1145/371920.372071); for implicit feedback and with shrinkage as in M. Ferrari Dacrema et al.,
    Are we really making much progress?, RecSys 2019 (https://arxiv.org/abs/1907.06902).

    .. math:: s_{ij} = \frac{|N_i \cap N_j|}{\sqrt{|N_i| |N_j|} + shrink}, \qquad
        \hat y_{uj} = \sum_{i \in N_u \cap \text{top-}k(j)} s_{ij}

    The model keeps nothing: its encoding is the sparse interaction matrix (users) and the sparse similarity (items).

    Args:
        graph: the message graph.
        knn_k: neighbours kept for each item, itself excluded; more than there are items means all.
        shrink: pulls similarities that rest on few users towards 0.

    Raises:
        ValueError: if ``knn_k`` is not positive or ``shrink`` is negative.

    Example:
        >>> graph = HeteroData(user={"num_nodes": 2}, item={"num_nodes": 3})
        >>> graph["user", "interacts", "item"].edge_index = torch.tensor([[0, 0, 1], [0, 1, 1]])
        >>> model = ItemKNN(graph, shrink=0.0)
        >>> model.score(model(graph), torch.tensor([1]))
        tensor([[0.7071, 0.0000, 0.0000]])
    """

    cost = "closed form"
    needs_full_graph = True

    def __init__(self, graph: HeteroData, *, knn_k: int = 100, shrink: float = 10.0) -> None:
        super().__init__(graph)
        if knn_k < 1 or shrink < 0:
            raise ValueError(f"knn_k must be at least 1 and shrink at least 0; got knn_k={knn_k}, shrink={shrink}")
        self.knn_k = knn_k
        self.shrink = shrink

    def forward(self, graph: HeteroData) -> Encoding:
        """The interactions ``(U, I)`` and the similarities ``(I, I)`` as sparse COO tensors."""
        device = graph[INTERACTS].edge_index.device
        interactions = self.interactions(graph)
        similarity = item_similarity(interactions, knn_k=self.knn_k, shrink=self.shrink)
        return Encoding(sparse_tensor(interactions, device), sparse_tensor(similarity, device))

    def weigh(self, graph: HeteroData, further: FurtherItems) -> Tensor:
        """Similarities to further items, of which each keeps its nearest."""
        interactions = self.interactions(graph)
        found = _nearest_items(interactions, further.chosen, itself=False, knn_k=self.knn_k, shrink=self.shrink)
        return sparse_tensor(found, torch.device("cpu"))

    def fit_closed_form(self, graph: HeteroData) -> bool:
        """There is nothing to fit: the similarities are made from the graph that is ranked."""
        return True


def item_similarity(interactions: sp.csr_array, *, knn_k: int, shrink: float) -> sp.csr_array:
    """Cosine similarity of the items' users, of which each item (column) keeps its ``knn_k`` nearest.

    Args:
        interactions: ``(U, I)``, 1 where a user chose an item.
        knn_k: neighbours an item keeps, itself excluded; of equal ones those with lower numbers.
        shrink: added to the denominator.

    Returns:
        ``(I, I)``: column j has the neighbours of item j, fewer than ``knn_k`` where fewer share a user with it.
    """
    return _nearest_items(interactions, interactions, itself=True, knn_k=knn_k, shrink=shrink)


def _nearest_items(
    interactions: sp.csr_array, chosen: sp.csr_array, *, itself: bool, knn_k: int, shrink: float
) -> sp.csr_array:
    """The nearest items of those in the columns of ``chosen``, which are the same items (``itself``) or other ones."""
    by_target = chosen.T.tocsr()
    target_degree = np.diff(by_target.indptr).astype(np.float64)
    degree = np.bincount(interactions.indices, minlength=interactions.shape[1]).astype(np.float64)
    parts = []
    for start in range(0, target_degree.size, CHUNK_ITEMS):
        common = (by_target[start : start + CHUNK_ITEMS] @ interactions).tocoo()
        target = common.row + start
        other = target != common.col if itself else np.ones(target.size, dtype=np.bool_)
        row = target[other]
        col = common.col[other]
        count = common.data[other]
        value = count / (np.sqrt(target_degree[row] * degree[col]) + shrink)
        row, col, value = top_entries(row, col, value, knn_k)
        parts.append((row, col, value.astype(np.float32)))
    row, col, value = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return sp.csr_array((value, (col, row)), shape=(degree.size, target_degree.size))
