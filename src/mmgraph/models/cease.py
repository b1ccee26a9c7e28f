"""CEASE: EASE on interactions and features (Jeunen et al., RecSys 2020, https://doi.org/10.1145/3383313.3418480)."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.models.item_item import FurtherItems
from mmgraph.models.linear_autoencoder import MEMORY_LIMIT_GIB, FeatureAutoencoder
from mmgraph.nn import common_users, interaction_gram, ridge_solution_, ridge_weights_


class CEASE(FeatureAutoencoder):
    r"""EASE for which every feature is one more user: items predict each other's users and features at once.

    .. math:: \min_{\mathbf B} \|\mathbf X - \mathbf X \mathbf B\|_F^2
              + \sum_m w_m \|\mathbf Z_m^\top - \mathbf Z_m^\top \mathbf B\|_F^2 + \lambda \|\mathbf B\|_F^2
              \quad \text{s.t.}\ \operatorname{diag}(\mathbf B) = 0

    That is EASE with :math:`\mathbf X^\top \mathbf X + \mathbf F \mathbf F^\top` in the place of
    :math:`\mathbf X^\top \mathbf X`, where :math:`\mathbf F = [\sqrt{w_m} \mathbf Z_m]_m` and :math:`\mathbf Z_m` are
    the features of a modality, columns centred and rows at length 1.

    Args:
        graph: the message graph.
        l2_weight: lambda, above 0.
        weight: w, how many users the features of an item are worth: of every modality, or by modality
            (``{text: 60}``), where one that is not named weighs nothing; 0 leaves EASE.
        memory_limit_gib: what the matrix of items x items may take, in GiB.

    Raises:
        ValueError: if the items have no features, a weight is out of range or names no modality, or the fit would take
            more than ``memory_limit_gib``.
    """

    def __init__(
        self,
        graph: HeteroData,
        *,
        l2_weight: float = 100.0,
        weight: float | Mapping[str, float] = 20.0,
        memory_limit_gib: float = MEMORY_LIMIT_GIB,
    ) -> None:
        super().__init__(graph, weight=weight, memory_limit_gib=memory_limit_gib)
        if not l2_weight > 0:
            raise ValueError(f"l2_weight={l2_weight} must be above 0")
        self.l2_weight = float(l2_weight)

    def fit(self, graph: HeteroData) -> Float[Tensor, "items items"]:
        """The weights B."""
        return ridge_weights_(self._gram(graph), self.l2_weight)

    def weigh(self, graph: HeteroData, further: FurtherItems) -> Float[Tensor, "items further"]:
        """The same regression for further items, on their users and features."""
        target = common_users(self.interactions(graph), further.chosen) + self.feature_products(graph, further)
        return ridge_solution_(self._gram(graph), target, self.l2_weight)

    def _gram(self, graph: HeteroData) -> Float[Tensor, "items items"]:
        features = self.features(graph)
        return features.add_products_(interaction_gram(self.interactions(graph)), features)
