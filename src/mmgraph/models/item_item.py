"""What models that weigh items by items have in common."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import NamedTuple

import scipy.sparse as sp
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender, item_features
from mmgraph.models.scoring import ItemWeights, Scorer
from mmgraph.nn import WeighedFeatures, interaction_csr, modality_numbers, product_entries
from mmgraph.typing import INTERACTS, Encoding


class FurtherItems(NamedTuple):
    """Items that are not in a graph, and what is known of them.

    Attributes:
        chosen: the graph's users x these items ``(U, T)``, 1 where a user chose one.
        features: by modality ``(T, d)``, scaled as the graph's are; anything finite where an item lacks it.
        has: which of them have a modality ``(T,)``.
    """

    chosen: sp.csr_array
    features: Mapping[str, Float[Tensor, "further _"]]
    has: Mapping[str, Bool[Tensor, " further"]]


class ItemItemRecommender(Recommender):
    """Scores an item by its weights with a user's items: the encoding are sparse interactions and item-item weights."""

    def scorer(self) -> Scorer:
        """Sums of the weights between an item and the user's items."""
        return ItemWeights()

    @abstractmethod
    def weigh(self, graph: HeteroData, further: FurtherItems) -> Float[Tensor, "items further"]:
        """What the graph's items weigh in the scores of further ones, sparse or dense as its own weights are.

        Args:
            graph: the message graph.
            further: items that are not in it.
        """

    def modalities(self, graph: HeteroData) -> list[str]:
        """Those by which it knows items; none where it knows them by their users alone."""
        return []

    def score_pairs(
        self, encoding: Encoding, user_idx: Int[Tensor, " batch"], item_idx: Int[Tensor, " batch *n"]
    ) -> Float[Tensor, " batch *n"]:
        """The same sums for given pairs."""
        return product_entries(encoding.user, encoding.item, user_idx, item_idx)

    @staticmethod
    def interactions(graph: HeteroData) -> sp.csr_array:
        """The interactions ``(U, I)``, 1 where a user chose an item."""
        return interaction_csr(graph[INTERACTS].edge_index, graph["user"].num_nodes, graph["item"].num_nodes)


def weight_without(weight: float | Mapping[str, float], name: str) -> float | Mapping[str, float]:
    """The weights of the other modalities.

    >>> weight_without({"audio": 2.0, "text": 1.0}, "text"), weight_without(3.0, "text")
    ({'audio': 2.0}, 3.0)
    """
    if not isinstance(weight, Mapping):
        return weight
    return {other: value for other, value in weight.items() if other != name}


def weighed_features(graph: HeteroData, weight: float | Mapping[str, float]) -> WeighedFeatures:
    """The features of a graph's items, columns centred and rows at length 1.

    Args:
        graph: the message graph.
        weight: of every modality, or by modality: one that is not named weighs nothing.
    """
    return WeighedFeatures.of(
        {name: x.cpu() for name, x in item_features(graph).items()},
        {key.removeprefix("has_"): x.cpu() for key, x in graph["item"].items() if key.startswith("has_")},
        weight,
    )


def read_modalities(graph: HeteroData, weight: float | Mapping[str, float]) -> list[str]:
    """Those that :func:`weighed_features` reads: all that weigh something.

    Raises:
        ValueError: for a weight below 0, or of a modality that the items lack.
    """
    return [name for name, value in modality_numbers(weight, item_features(graph)).items() if value]


def feature_tensors(graph: HeteroData) -> list[Tensor]:
    """What of a graph :func:`weighed_features` reads."""
    return [x for key, x in graph["item"].items() if key.startswith(("x_", "has_"))]
