"""EASE: embarrassingly shallow autoencoders (Steck, WWW 2019, https://arxiv.org/abs/1905.03375)."""

from jaxtyping import Float
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.models.item_item import FurtherItems
from mmgraph.models.linear_autoencoder import MEMORY_LIMIT_GIB, LinearAutoencoder
from mmgraph.nn import common_users, interaction_gram, ridge_solution_, ridge_weights_


class EASE(LinearAutoencoder):
    r"""Scores an item by a weighted sum of the user's items; the weights are a ridge regression on all other items.

    .. math:: \min_{\mathbf B} \|\mathbf X - \mathbf X \mathbf B\|_F^2 + \lambda \|\mathbf B\|_F^2
              \quad \text{s.t.}\ \operatorname{diag}(\mathbf B) = 0, \qquad
              \mathbf P = (\mathbf X^\top \mathbf X + \lambda \mathbf I)^{-1}, \quad
              \mathbf B = \mathbf I - \mathbf P \operatorname{diag}(1 / P_{jj}) \quad\text{(Eq. 2-8)}

    Args:
        graph: the message graph.
        l2_weight: lambda, above 0.
        memory_limit_gib: what the matrix of items x items may take, in GiB.

    Raises:
        ValueError: if ``l2_weight`` is not above 0, or the fit would take more than ``memory_limit_gib``.

    Example:
        Items of 3 and 2 users, of whom 2 have both: the weight of the first for the second is 2 / (3 + lambda), that of
        the second for the first 2 / (2 + lambda).

        >>> import torch
        >>> graph = HeteroData(user={"num_nodes": 3}, item={"num_nodes": 2})
        >>> graph["user", "interacts", "item"].edge_index = torch.tensor([[0, 0, 1, 1, 2], [0, 1, 0, 1, 0]])
        >>> model = EASE(graph, l2_weight=2.0)
        >>> model.score(model(graph), torch.tensor([2, 0]))
        tensor([[0.0000, 0.4000],
                [0.5000, 0.4000]])
    """

    def __init__(
        self, graph: HeteroData, *, l2_weight: float = 100.0, memory_limit_gib: float = MEMORY_LIMIT_GIB
    ) -> None:
        super().__init__(graph, memory_limit_gib=memory_limit_gib)
        if not l2_weight > 0:
            raise ValueError(f"l2_weight={l2_weight} must be above 0")
        self.l2_weight = float(l2_weight)

    def fit(self, graph: HeteroData) -> Float[Tensor, "items items"]:
        """The weights B."""
        return ridge_weights_(interaction_gram(self.interactions(graph)), self.l2_weight)

    def weigh(self, graph: HeteroData, further: FurtherItems) -> Float[Tensor, "items further"]:
        """The same regression for further items."""
        interactions = self.interactions(graph)
        target = common_users(interactions, further.chosen)
        return ridge_solution_(interaction_gram(interactions), target, self.l2_weight)
