"""Add-EASE: EASE on interactions, plus EASE on features (Jeunen et al., RecSys 2020, link below)."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.models.item_item import FurtherItems
from mmgraph.models.linear_autoencoder import MEMORY_LIMIT_GIB, FeatureAutoencoder
from mmgraph.nn import common_users, interaction_gram, ridge_solution_, ridge_weights_


class AddEASE(FeatureAutoencoder):
    r"""The weighted sum of two EASE: of items that predict each other's users, and each other's features.

    Source: O. Jeunen, J. Van Balen, B. Goethals, Closed-form models for collaborative filtering with side-information,
    RecSys 2020 (https://doi.org/10.1145/3383313.3418480).

    .. math:: \mathbf B = \alpha\, \mathbf B(\mathbf X; \lambda) + (1 - \alpha)\, \mathbf B(\mathbf F^\top; \lambda_F)

    Args:
        graph: the message graph.
        l2_weight: lambda, of the part that knows interactions, above 0.
        feature_l2_weight: :math:`\lambda_F`, of the part that knows features, above 0.
        alpha: share of the interactions, from 0 to 1; 1 leaves EASE.
        weight: of every modality in F, or by modality (``{text: 1}``), where one that is not named weighs nothing.
        memory_limit_gib: what two matrices of items x items may take, in GiB.

    Raises:
        ValueError: if a weight or ``alpha`` is out of range, ``weight`` names no modality, or the fit would take more
            than ``memory_limit_gib``.
    """

    num_matrices = 2

    def __init__(
        self,
        graph: HeteroData,
        *,
        l2_weight: float = 100.0,
        feature_l2_weight: float = 1.0,
        alpha: float = 0.5,
        weight: float | Mapping[str, float] = 1.0,
        memory_limit_gib: float = MEMORY_LIMIT_GIB,
    ) -> None:
        super().__init__(graph, weight=weight, memory_limit_gib=memory_limit_gib)
        if not (l2_weight > 0 and feature_l2_weight > 0):
            raise ValueError(f"l2_weight={l2_weight} and feature_l2_weight={feature_l2_weight} must be above 0")
        if not 0 <= alpha <= 1:
            raise ValueError(f"alpha={alpha} must be between 0 (features alone) and 1 (interactions alone)")
        self.l2_weight = float(l2_weight)
        self.feature_l2_weight = float(feature_l2_weight)
        self.alpha = float(alpha)

    def fit(self, graph: HeteroData) -> Float[Tensor, "items items"]:
        """The weights B."""
        by_users = ridge_weights_(interaction_gram(self.interactions(graph)), self.l2_weight)
        by_features = ridge_weights_(self.feature_gram(graph), self.feature_l2_weight)
        return by_features.lerp_(by_users, self.alpha)

    def weigh(self, graph: HeteroData, further: FurtherItems) -> Float[Tensor, "items further"]:
        """The same sum for further items."""
        interactions = self.interactions(graph)
        target = common_users(interactions, further.chosen)
        by_users = ridge_solution_(interaction_gram(interactions), target, self.l2_weight)
        target = self.feature_products(graph, further)
        by_features = ridge_solution_(self.feature_gram(graph), target, self.feature_l2_weight)
        return by_features.lerp_(by_users, self.alpha)
