"""Agreement on an order: where one judge sees a difference between two pairs, the other should see the same."""

import torch.nn.functional as F
from torch import Tensor

from mmgraph.losses.base import LossTerm, PairScorer
from mmgraph.losses.functional import REDUCTIONS, check_choice, full_precision
from mmgraph.losses.views import find_views
from mmgraph.typing import Encoding, Triplets


class OrderAgreement(LossTerm):
    r"""Two judges of the same user-item pairs should order them alike (SHT's self-augmented learning).

    Xia et al., "Self-Supervised Hypergraph Transformer for Recommender Systems", KDD 2022,
    https://arxiv.org/abs/2207.14338.

    .. math:: \mathcal L = \operatorname{mean}_{(a, b)}
        \max\big(0,\ 1 - \gamma\, (\hat s_a - \hat s_b)(s_a - s_b)\big)

    over the first half of the pairs :math:`a` beside the second half :math:`b`.

    Args:
        of: view with the judgements: ``first`` and ``second``, ``(P,)`` each, P even; empty ("not now"): the loss is 0.
        weight: factor of the term; 0 or None: not computed.
        scale: :math:`\gamma`, above 0; judgements between 0 and 1 differ by little.
        reduction: "mean" or "sum" over P / 2.

    Raises:
        ValueError: if a setting is out of range or not known.
        KeyError: at the first step, if the model does not give the view.

    Example:
        >>> OrderAgreement("solidity", weight=0.01).weight
        0.01
    """

    def __init__(self, of: str, *, weight: float | None = 1.0, scale: float = 10.0, reduction: str = "mean") -> None:
        super().__init__(weight=weight)
        check_choice(reduction, name="reduction", allowed=REDUCTIONS)
        if not scale > 0:
            raise ValueError(f"scale={scale} must be above 0")
        self.of = of
        self.scale = scale
        self.reduction = reduction

    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Loss of the pairs in the view."""
        view = find_views(encoding, self.of)[self.of]
        if not view:
            return encoding.user.new_zeros(())
        first, second = (_differences(full_precision(view[judge])) for judge in ("first", "second"))
        values = F.relu(1 - self.scale * first * second)
        return values.mean() if self.reduction == "mean" else values.sum()


def _differences(x: Tensor) -> Tensor:
    one, other = x.chunk(2)
    return one - other
