"""Items that look, read or sound like those a user has."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.models.item_item import (
    FurtherItems,
    ItemItemRecommender,
    feature_tensors,
    read_modalities,
    weighed_features,
    weight_without,
)
from mmgraph.nn import TensorCache, modality_numbers, sparse_tensor
from mmgraph.representation import settings_text
from mmgraph.transforms import nearest_rows
from mmgraph.typing import INTERACTS, Encoding

_similarities = TensorCache()


class ContentKNN(ItemItemRecommender):
    r"""Scores an item by those of its k nearest neighbours that the user has; near are items with similar features.

    .. math:: s_{ij} = \sum_m w_m \cos(\mathbf x_i^m - \bar{\mathbf x}^m, \mathbf x_j^m - \bar{\mathbf x}^m), \qquad
        \hat y_{uj} = \sum_{i \in N_u \cap \text{top-}k(j)} s_{ij}

    The model keeps nothing: its encoding is the sparse interaction matrix (users) and the sparse similarity (items),
    which is remembered for as long as the graph's edges live. What others chose counts for nothing.

    Args:
        graph: the message graph.
        knn_k: neighbours kept for each item, itself excluded; more than there are items means all.
        weight: w of every modality, or by modality (``{text: 1}``), where one that is not named weighs nothing.

    Raises:
        ValueError: if ``knn_k`` is not positive, or a weight is below 0 or names no modality.

    Example:
        >>> graph = HeteroData(user={"num_nodes": 1}, item={"num_nodes": 3})
        >>> graph["item"].x_text = torch.tensor([[2.0, 0.0], [1.0, 0.0], [-3.0, 1.0]])
        >>> graph["user", "interacts", "item"].edge_index = torch.tensor([[0], [0]])
        >>> model = ContentKNN(graph, knn_k=1)
        >>> model.score(model(graph), torch.tensor([0])).round(decimals=2)
        tensor([[0.0000, 0.9900, 0.0000]])
    """

    cost = "closed form"
    needs_modalities = True
    needs_full_graph = True

    def __init__(self, graph: HeteroData, *, knn_k: int = 50, weight: float | Mapping[str, float] = 1.0) -> None:
        super().__init__(graph)
        if knn_k < 1:
            raise ValueError(f"knn_k={knn_k} must be at least 1")
        self.knn_k = knn_k
        self.weight = weight
        if not self.modalities(graph):
            raise ValueError(f"weight={weight} must be above 0 for at least one modality")

    def modalities(self, graph: HeteroData) -> list[str]:
        """Those that weigh something."""
        return read_modalities(graph, self.weight)

    def leave_out(self, name: str, dims: Mapping[str, int]) -> None:
        """Its weight.

        Raises:
            ValueError: if nothing else weighs anything.
        """
        weights = modality_numbers(self.weight, dims)
        if not any(weight for other, weight in weights.items() if other != name):
            raise ValueError(f"{name} is the only modality that weighs anything")
        self.weight = weight_without(self.weight, name)

    def forward(self, graph: HeteroData) -> Encoding:
        """The interactions ``(U, I)`` and the similarities ``(I, I)`` as sparse COO tensors."""
        edge_index = graph[INTERACTS].edge_index
        device = edge_index.device
        size = graph["user"].num_nodes, graph["item"].num_nodes

        def fit() -> Encoding:
            rows = weighed_features(graph, self.weight).joined()
            similarity = content_similarity(rows, k=self.knn_k)
            return Encoding(sparse_tensor(self.interactions(graph), device), similarity.to(device))

        return _similarities(fit, (edge_index, *feature_tensors(graph)), *size, settings_text(self))

    def weigh(self, graph: HeteroData, further: FurtherItems) -> Float[Tensor, "items further"]:
        """Similarities to further items, of which each keeps its nearest."""
        features = weighed_features(graph, self.weight)
        others = features.further(further.features, further.has)
        return content_similarity(features.joined(), k=self.knn_k, queries=others.joined())

    def fit_closed_form(self, graph: HeteroData) -> bool:
        """Finds the neighbours of this graph's items, which :meth:`forward` then remembers."""
        self(graph)
        return True


def content_similarity(
    rows: Float[Tensor, "items dim"], *, k: int, queries: Float[Tensor, "queries dim"] | None = None
) -> Float[Tensor, "items queries"]:
    """Inner products of items' features, of which each query (column) keeps its ``k`` nearest items, sparse.

    Args:
        rows: the items' features.
        k: neighbours a query keeps; more than there are items means all.
        queries: other items; None: the items themselves, which are no neighbours of their own.
    """
    num_items = rows.size(0)
    k = min(k, num_items if queries is not None else num_items - 1)
    similarity, near = nearest_rows(rows, k, queries=queries, self_loops=False)
    target = torch.arange(near.size(0)).repeat_interleave(k)
    index = torch.stack([near.flatten(), target])
    size = num_items, near.size(0)
    return torch.sparse_coo_tensor(index, similarity.flatten(), size, check_invariants=True).coalesce()
