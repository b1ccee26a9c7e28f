"""Ranking on a batch that is part guessed, without the samples that look like noise."""

import torch
from torch import Tensor
from torch.nn import functional as F

from mmgraph.losses.base import LossTerm, PairScorer
from mmgraph.losses.functional import check_choice, full_precision
from mmgraph.losses.views import find_views, side_of, take
from mmgraph.typing import Encoding, Triplets


class PrunedBPR(LossTerm):
    r"""Bayesian personalised ranking of the batch and of guessed triplets, only the most plausible of which count.

    Wei et al., "LLMRec: Large Language Models with Graph Augmentation for Recommendation", WSDM 2024,
    https://arxiv.org/abs/2311.00423.

    .. math:: \mathcal L = \operatorname{mean}_{t \in \mathcal T} -\log \sigma(\mathbf x_u \cdot \mathbf y_i -
              \mathbf x_u \cdot \mathbf y_j)

    over the share :math:`1 - \omega` of the batch's and the guessed triplets (u, i, j) that is kept.

    Args:
        item: view of the items' vectors :math:`\mathbf y`, or a pattern: the losses of all matches are added up.
        user: view of the users' :math:`\mathbf x`; None: the same view as the items'.
        weight: factor of the term; 0 or None: not computed.
        prune: share :math:`\omega` of the triplets that does not count, in [0, 1).
        noise: which they are, those of "largest" or of "smallest" loss.
        pairs: view of the guessed triplets, ``user``, ``liked`` and ``disliked`` (P,) each.
        share: how many guessed triplets of the batch's users are added at the most, as a share of the batch.

    Raises:
        ValueError: if a setting is out of range or not known.
        KeyError: at the first step, if no view matches or one lacks a side.

    Example:
        >>> PrunedBPR("final", prune=0.71).weight
        1.0
    """

    def __init__(
        self,
        item: str,
        *,
        user: str | None = None,
        weight: float | None = 1.0,
        prune: float = 0.71,
        noise: str = "smallest",
        pairs: str = "pairs",
        share: float = 0.1,
    ) -> None:
        super().__init__(weight=weight)
        check_choice(noise, name="noise", allowed=("largest", "smallest"))
        if not (0 <= prune < 1 and 0 <= share <= 1):
            raise ValueError(f"prune={prune} must be in [0, 1) and share={share} in [0, 1]")
        self.item = item
        self.user = user
        self.pairs = pairs
        self.prune = prune
        self.noise = noise
        self.share = share

    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Loss of the batch's and the guessed triplets."""
        user, pos_item, neg_item = self._triplets(encoding, batch)
        total = encoding.user.new_zeros(())
        for name, view in find_views(encoding, self.item).items():
            of_user = name if self.user is None else self.user
            x = side_of(find_views(encoding, of_user)[of_user], name=of_user, side="user")
            y = side_of(view, name=name, side="item")
            apart = (take(x, user) * (take(y, pos_item) - take(y, neg_item))).sum(-1)
            total = total + self._kept(F.softplus(-full_precision(apart))).mean()
        return total

    def _triplets(self, encoding: Encoding, batch: Triplets) -> tuple[Tensor, Tensor, Tensor]:
        pairs = find_views(encoding, self.pairs)[self.pairs]
        # Several negatives of one interaction are as many triplets.
        count = batch.neg_item.numel() // batch.user.numel()
        own = batch.user.repeat_interleave(count), batch.pos_item.repeat_interleave(count), batch.neg_item.flatten()
        known = torch.isin(pairs["user"], batch.user).nonzero().squeeze(1)
        drawn = known[torch.randperm(known.numel(), device=known.device)[: int(self.share * batch.user.numel())]]
        guessed = (pairs[key].index_select(0, drawn) for key in ("user", "liked", "disliked"))
        user, pos_item, neg_item = (torch.cat(both) for both in zip(own, guessed, strict=True))
        return user, pos_item, neg_item

    def _kept(self, losses: Tensor) -> Tensor:
        count = max(1, int((1 - self.prune) * losses.numel()))
        return losses.topk(count, largest=self.noise == "smallest", sorted=False).values


class Restoration(LossTerm):
    r"""Features that were masked should be restored from what the graph made of the masked ones.

    LLMRec (https://arxiv.org/abs/2311.00423), after GraphMAE (https://arxiv.org/abs/2205.10803).

    .. math:: \mathcal L = \sum_k \operatorname{mean}_{v\ masked} (1 - \cos(\hat{\mathbf x}_v^k, \mathbf x_v^k))^\gamma

    Args:
        restored: pattern of the guesses, rows of the masked nodes only.
        original: pattern of the features of the same rows.
        weight: factor of the term; 0 or None: not computed.
        power: :math:`\gamma`, at least 1.

    Raises:
        ValueError: if ``power`` is below 1.
        KeyError: at the first step, if no view matches or one lacks its partner.

    Example:
        >>> Restoration("restored.*", "original.*", power=2).power
        2
    """

    def __init__(self, restored: str, original: str, *, weight: float | None = 1.0, power: float = 1) -> None:
        super().__init__(weight=weight)
        if not power >= 1:
            raise ValueError(f"power={power} must be at least 1")
        self.restored = restored
        self.original = original
        self.power = power

    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Loss of all masked rows."""
        total = encoding.user.new_zeros(())
        original = find_views(encoding, self.original)
        for guess, truth in zip(find_views(encoding, self.restored).values(), original.values(), strict=True):
            for side, x in guess.items():
                apart = 1 - F.cosine_similarity(full_precision(x), full_precision(truth[side]), dim=-1)
                total = total + apart.clamp_min(0).pow(self.power).mean()
        return total
