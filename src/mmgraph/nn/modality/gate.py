"""Gates: what behaviour and content agree on passes."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from mmgraph.nn.common.reset import Resettable


class BehaviorGate(Resettable):
    r"""Keeps of each item's behaviour vector what one of its modalities lets through.

    Mo et al., "Multimodal Graph Neural Network for Recommendation with Dynamic De-redundancy and Modality-Guided
    Feature De-noisy" (MGNM), 2024, https://arxiv.org/abs/2411.01561, Eq. 9-10, its global filter; MGCN's purifier
    (MM 2023, https://arxiv.org/abs/2308.03588) has the same form with A = 1.

    .. math::
        \dot{\mathbf e}_i = \mathbf W_1 \mathbf x_i + \mathbf b_1, \qquad
        \ddot{\mathbf e}_i = \mathbf e_i \odot \sigma(\mathbf W_2 \dot{\mathbf e}_i + \mathbf b_2)

    Args:
        feat_dim: size d_m of the features.
        emb_dim: size D of the behaviour vectors.
        expansion: A; the features pass through A D numbers between the two maps.

    Shapes:
        item ``(I, D)``, x ``(I, d_m)`` -> ``(I, D)``

    Raises:
        ValueError: if ``expansion`` is below 1.

    Example:
        >>> BehaviorGate(8, 4)(torch.ones(3, 4), torch.zeros(3, 8)).shape
        torch.Size([3, 4])
    """

    def __init__(self, feat_dim: int, emb_dim: int, *, expansion: int = 4) -> None:
        super().__init__()
        if expansion < 1:
            raise ValueError(f"expansion={expansion} must be at least 1: the size between the two maps over emb_dim")
        self.expand = nn.Linear(feat_dim, expansion * emb_dim)
        self.reduce = nn.Linear(expansion * emb_dim, emb_dim)

    def forward(self, item: Float[Tensor, "items dim"], x: Float[Tensor, "items feat"]) -> Float[Tensor, "items dim"]:
        """Behaviour vectors behind the gate."""
        # Nothing bends between the two maps: multiplied with each other first, they cost 1/A on the items.
        weight = self.reduce.weight @ self.expand.weight
        bias = self.reduce(self.expand.bias)
        return item * torch.sigmoid(F.linear(x, weight, bias))
