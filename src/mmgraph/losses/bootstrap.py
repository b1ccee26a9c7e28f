"""The term that learns from positives alone: online vectors predict blurred targets that do not learn."""

from torch import Tensor
from torch.nn import functional as F

from mmgraph.losses.base import LossTerm, PairScorer
from mmgraph.losses.functional import check_choice, full_precision
from mmgraph.losses.views import all_views, batch_view_rows, pair_views
from mmgraph.typing import Encoding, Triplets

_ROWS = ("user", "pos_item")


class Bootstrap(LossTerm):
    r"""One minus the cosine between one row of each pair of the batch and another; only the first one learns.

    Zhou et al., "Bootstrap Latent Representations for Multi-modal Recommendation" (BM3), WWW 2023,
    https://arxiv.org/abs/2207.05969, after BYOL (https://arxiv.org/abs/2006.07733). Negatives play no part.

    .. math:: \mathcal L = \operatorname{mean}_{(u, i)} 1 - \cos(\mathbf x_a, \mathrm{sg}(\mathbf y_b)), \qquad
              a, b \in \{u, i\}

    Args:
        online: name or pattern of the views :math:`\mathbf x`. Patterns pair as in :class:`InfoNCE`: ``"online.*"``
            against ``"target.*"`` pairs equal modalities, against the plain name ``"target"`` each with that one. The
            losses of several pairs are added up; an empty view ("not yet") adds nothing.
        target: name or pattern of the views :math:`\mathbf y`, which get no gradient.
        online_row: which end of each interaction a is: "user" or "pos_item".
        target_row: which end b is.
        weight: factor of the term; 0 or None: not computed.

    Raises:
        ValueError: if a row is not known.
        KeyError: at the first step, if no view matches, or one lacks a partner or a side.

    Example:
        >>> Bootstrap("online.*", "target", online_row="pos_item", target_row="pos_item", weight=2).weight
        2.0
    """

    def __init__(
        self,
        online: str,
        target: str,
        *,
        online_row: str,
        target_row: str,
        weight: float | None = 1.0,
    ) -> None:
        super().__init__(weight=weight)
        for name, value in {"online_row": online_row, "target_row": target_row}.items():
            check_choice(value, name=name, allowed=_ROWS)
        self.online = online
        self.target = target
        self.online_row = online_row
        self.target_row = target_row

    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Loss of the batch's interactions, summed over pairs of views."""
        views = all_views(encoding)
        total = encoding.user.new_zeros(())
        for online, target in pair_views(encoding, self.online, self.target):
            if views[online] and views[target]:
                x = full_precision(batch_view_rows(encoding, online, self.online_row, batch))
                y = full_precision(batch_view_rows(encoding, target, self.target_row, batch)).detach()
                total = total + (1 - F.cosine_similarity(x, y, dim=-1)).mean()
        return total

    def can_act(self, encoding: Encoding) -> bool:
        """Whether there are two views to compare."""
        return bool(pair_views(encoding, self.online, self.target))
