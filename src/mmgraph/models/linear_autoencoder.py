"""What linear autoencoders have in common: dense weights between all items, in closed form."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.models.base import item_features
from mmgraph.models.item_item import (
    FurtherItems,
    ItemItemRecommender,
    feature_tensors,
    read_modalities,
    weighed_features,
    weight_without,
)
from mmgraph.nn import TensorCache, WeighedFeatures, sparse_tensor
from mmgraph.representation import settings_text
from mmgraph.typing import INTERACTS, Encoding

MEMORY_LIMIT_GIB = 8.0
"""Of the matrices of a fit; the matrix of 46,000 items."""
_fits = TensorCache()


class LinearAutoencoder(ItemItemRecommender):
    r"""Gives every user's interactions back by weights between items: :math:`\hat{\mathbf X} = \mathbf X \mathbf B`.

    The model keeps nothing: its encoding is the sparse interaction matrix (users) and the dense weights B (items), a
    function of the graph that is remembered for as long as the graph's edges live.

    Args:
        graph: the message graph.
        memory_limit_gib: what the matrices of items x items may take while the weights are found, in GiB.
    """

    cost = "closed form"
    needs_full_graph = True  # every weight rests on all users
    num_matrices: ClassVar[int] = 1
    """Matrices of items x items in single precision that a fit holds at once; one of them is left afterwards."""

    def __init__(self, graph: HeteroData, *, memory_limit_gib: float) -> None:
        super().__init__(graph)
        self.memory_limit_gib = memory_limit_gib

    @abstractmethod
    def fit(self, graph: HeteroData) -> Float[Tensor, "items items"]:
        """The weights B, on the CPU."""

    def forward(self, graph: HeteroData) -> Encoding:
        """The interactions ``(U, I)`` as a sparse COO tensor and the weights ``(I, I)`` as a dense one."""
        edge_index = graph[INTERACTS].edge_index
        size = graph["user"].num_nodes, graph["item"].num_nodes

        def fit() -> Encoding:
            self.check_memory(size[1])
            weights = self.fit(graph).to(edge_index.device)
            return Encoding(sparse_tensor(self.interactions(graph), edge_index.device), weights)

        read = feature_tensors(graph) if self.needs_modalities else []
        return _fits(fit, (edge_index, *read), type(self), *size, settings_text(self))

    def fit_closed_form(self, graph: HeteroData) -> bool:
        """Finds the weights of this graph, which :meth:`forward` then remembers."""
        self(graph)
        return True

    def check_memory(self, num_items: int) -> None:
        """Refuses what would not fit.

        Raises:
            ValueError: says what it would take.
        """
        needed = self.num_matrices * num_items**2 * torch.finfo(torch.float32).bits / 8 / 2**30
        if needed > self.memory_limit_gib:
            matrices = "a matrix" if self.num_matrices == 1 else f"{self.num_matrices} matrices"
            raise ValueError(
                f"{type(self).__name__} needs {needed:,.1f} GiB for {matrices} of {num_items:,} x {num_items:,} items, "
                f"more than memory_limit_gib={self.memory_limit_gib:g}: raise it where there is so much, leave rare "
                "items out (dataset.k_core=5), or take a sparse model (model=slim, model=item_knn, model=content_knn)"
            )


class FeatureAutoencoder(LinearAutoencoder):
    """A linear autoencoder that reads the items' features.

    Args:
        graph: the message graph.
        weight: of every modality, or by modality: one that is not named weighs nothing.
        memory_limit_gib: as of :class:`LinearAutoencoder`.
    """

    needs_modalities = True

    def __init__(self, graph: HeteroData, *, weight: float | Mapping[str, float], memory_limit_gib: float) -> None:
        if not item_features(graph):
            raise ValueError(
                f"{type(self).__name__} needs features of the items, and the data have none (dataset.modalities); "
                "model=ease is the regression without them"
            )
        super().__init__(graph, memory_limit_gib=memory_limit_gib)
        read_modalities(graph, weight)
        self.weight = weight

    def modalities(self, graph: HeteroData) -> list[str]:
        """Those that weigh something."""
        return read_modalities(graph, self.weight)

    def leave_out(self, name: str, dims: Mapping[str, int]) -> None:
        """Its weight; what is left is fitted anew."""
        self.weight = weight_without(self.weight, name)

    def features(self, graph: HeteroData) -> WeighedFeatures:
        """F: columns centred, rows of each modality at length 1, times the root of its weight."""
        return weighed_features(graph, self.weight)

    def feature_gram(self, graph: HeteroData) -> Float[Tensor, "items items"]:
        """The products of all items' features, F F^T."""
        features = self.features(graph)
        num_items = graph["item"].num_nodes
        return features.add_products_(torch.zeros(num_items, num_items), features)

    def feature_products(self, graph: HeteroData, further: FurtherItems) -> Float[Tensor, "items further"]:
        """The products of the items' features with those of further ones."""
        features = self.features(graph)
        found = torch.zeros(graph["item"].num_nodes, further.chosen.shape[1])
        return features.add_products_(found, features.further(further.features, further.has))
