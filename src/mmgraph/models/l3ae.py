"""L3AE: LLM-enhanced linear autoencoders (Moon, Park and Lee, CIKM 2025, https://arxiv.org/abs/2508.13500)."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.models.item_item import FurtherItems
from mmgraph.models.linear_autoencoder import MEMORY_LIMIT_GIB, FeatureAutoencoder
from mmgraph.nn import common_users, interaction_gram, multiply_left_, ridge_inverse_, ridge_solution_, ridge_weights_


class L3AE(FeatureAutoencoder):
    r"""EASE drawn to weights that were found from the features alone.

    .. math::
        \mathbf S &= \arg\min_{\mathbf S} \|\mathbf F^\top - \mathbf F^\top \mathbf S\|_F^2
            + \lambda_F \|\mathbf S\|_F^2 \quad \text{s.t.}\ \operatorname{diag}(\mathbf S) = 0 \\
        \mathbf B &= \arg\min_{\mathbf B} \|\mathbf X - \mathbf X \mathbf B\|_F^2 + \lambda \|\mathbf B\|_F^2
            + \gamma \|\mathbf B - \mathbf S\|_F^2 \quad \text{s.t.}\ \operatorname{diag}(\mathbf B) = 0

    With :math:`\mathbf P = (\mathbf X^\top \mathbf X + (\lambda + \gamma) \mathbf I)^{-1}` the second minimum is

    .. math:: \mathbf B = \mathbf I + \gamma \mathbf P \mathbf S - \mathbf P \operatorname{diag}(\boldsymbol\beta),
              \qquad \beta_j = \frac{1 + \gamma (\mathbf P \mathbf S)_{jj}}{P_{jj}}

    Args:
        graph: the message graph.
        l2_weight: lambda, at least 0.
        feature_l2_weight: :math:`\lambda_F`, above 0.
        distill_weight: gamma, at least 0; 0 leaves EASE.
        weight: of every modality in F, or by modality (``{text: 1}``), where one that is not named weighs nothing.
        memory_limit_gib: what two matrices of items x items may take, in GiB.

    Raises:
        ValueError: if a weight is out of range or names no modality, or the fit would take more than
            ``memory_limit_gib``.
    """

    num_matrices = 2

    def __init__(
        self,
        graph: HeteroData,
        *,
        l2_weight: float = 50.0,
        feature_l2_weight: float = 1.0,
        distill_weight: float = 100.0,
        weight: float | Mapping[str, float] = 1.0,
        memory_limit_gib: float = MEMORY_LIMIT_GIB,
    ) -> None:
        super().__init__(graph, weight=weight, memory_limit_gib=memory_limit_gib)
        if not (l2_weight >= 0 and distill_weight >= 0 and l2_weight + distill_weight > 0):
            raise ValueError(
                f"l2_weight={l2_weight} and distill_weight={distill_weight} must be at least 0, and their sum above 0"
            )
        if not feature_l2_weight > 0:
            raise ValueError(f"feature_l2_weight={feature_l2_weight} must be above 0")
        self.l2_weight = float(l2_weight)
        self.feature_l2_weight = float(feature_l2_weight)
        self.distill_weight = float(distill_weight)

    def fit(self, graph: HeteroData) -> Float[Tensor, "items items"]:
        """The weights B."""
        gamma = self.distill_weight
        by_features = ridge_weights_(self.feature_gram(graph), self.feature_l2_weight)
        inverse = ridge_inverse_(interaction_gram(self.interactions(graph)), self.l2_weight + gamma)
        pulled = multiply_left_(inverse, by_features).mul_(gamma)
        beta = (1 + pulled.diagonal()) / inverse.diagonal()
        return pulled.sub_(inverse.mul_(beta)).fill_diagonal_(0)

    def weigh(self, graph: HeteroData, further: FurtherItems) -> Float[Tensor, "items further"]:
        """The same minima for further items."""
        gamma = self.distill_weight
        target = self.feature_products(graph, further)
        by_features = ridge_solution_(self.feature_gram(graph), target, self.feature_l2_weight)
        interactions = self.interactions(graph)
        target = common_users(interactions, further.chosen) + gamma * by_features
        return ridge_solution_(interaction_gram(interactions), target, self.l2_weight + gamma)
