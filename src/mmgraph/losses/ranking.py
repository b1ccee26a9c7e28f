"""Ranking terms for ``conf/loss``."""

import torch
from torch import Tensor

from mmgraph.losses import functional
from mmgraph.losses.base import LossTerm, PairScorer
from mmgraph.losses.functional import REDUCTIONS, check_base, check_choice
from mmgraph.losses.views import find_views, rows_of, take
from mmgraph.typing import Encoding, Triplets


class BPR(LossTerm):
    """Bayesian personalised ranking of the batch by the model's own scores (:func:`mmgraph.losses.bpr`).

    Args:
        weight: factor of the term; 0 or None: not computed.
        base: base of the logarithm; the natural one if None. Official RedND and DRAGON: 2.
        reduction: "mean" or "sum" over the batch (and over the negatives, where there are several).

    Raises:
        ValueError: if a setting is out of range.

    Example:
        >>> BPR(base=2)
        BPR(weight=1.0, base=2, reduction='mean')
    """

    needs_all_rows = False

    def __init__(self, *, weight: float | None = 1.0, base: float | None = None, reduction: str = "mean") -> None:
        super().__init__(weight=weight)
        check_base(base)
        check_choice(reduction, name="reduction", allowed=REDUCTIONS)
        self.base = base
        self.reduction = reduction

    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Loss of the batch's triplets."""
        pos, neg = _of_triplets(batch, model.score_pairs(encoding, batch.user, _items(batch)))
        return functional.bpr(pos, neg, base=self.base, reduction=self.reduction)


class BCE(LossTerm):
    """Separates chosen pairs of the batch from others one by one, by the model's own scores.

    See :func:`mmgraph.losses.binary_cross_entropy`.

    Args:
        weight: factor of the term; 0 or None: not computed.
        reduction: "mean" or "sum" over positive and negative pairs.

    Raises:
        ValueError: if a setting is out of range.

    Example:
        >>> BCE(weight=0.5).weight
        0.5
    """

    needs_all_rows = False

    def __init__(self, *, weight: float | None = 1.0, reduction: str = "mean") -> None:
        super().__init__(weight=weight)
        check_choice(reduction, name="reduction", allowed=REDUCTIONS)
        self.reduction = reduction

    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Loss of the batch's positive and negative pairs."""
        pos, neg = _of_triplets(batch, model.score_pairs(encoding, batch.user, _items(batch)))
        return functional.binary_cross_entropy(pos, neg, reduction=self.reduction)


class ModalityBPR(BPR):
    r"""Ranks by the users' final vectors and one modality's item vectors, added up over modalities (FREEDOM).

    Zhou and Shen, "A Tale of Two Graphs: Freezing and Denoising Graph Structures for Multimodal Recommendation",
    ACM MM 2023, https://arxiv.org/abs/2211.06924.

    .. math:: \sum_m -\log \sigma(h_u^\top z_i^m - h_u^\top z_j^m)

    Args:
        of: pattern of the views that hold item vectors :math:`z^m`, as long as the final user vectors.
        weight: factor of the term; 0 or None: not computed.
        base: base of the logarithm; the natural one if None.
        reduction: "mean" or "sum" over the batch.

    Raises:
        ValueError: if a setting is out of range, or a view's vectors differ in length from the final ones.
        KeyError: at the first step, if no view matches or one has no items.

    Example:
        >>> ModalityBPR("modal.*", weight=1e-3).weight
        0.001
    """

    def __init__(
        self,
        of: str = "modal.*",
        *,
        weight: float | None = 1.0,
        base: float | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight=weight, base=base, reduction=reduction)
        self.of = of

    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Loss of the batch's triplets, summed over modalities."""
        users = take(encoding.user, batch.user)
        items = _items(batch).flatten()
        total = encoding.user.new_zeros(())
        for name, view in find_views(encoding, self.of).items():
            if not view:
                continue
            chosen = rows_of(view, items, name=name, side="item")
            if chosen.size(-1) != users.size(-1):
                raise ValueError(f"view {name!r} has vectors of {chosen.size(-1)}, the final users of {users.size(-1)}")
            chosen = chosen.view(users.size(0), -1, users.size(-1))
            pos, neg = _of_triplets(batch, (users.unsqueeze(1) * chosen).sum(-1))
            total = total + functional.bpr(pos, neg, base=self.base, reduction=self.reduction)
        return total


def _items(batch: Triplets) -> Tensor:
    """Positives and negatives side by side ``(B, 1 + n)``, so that a table is read once.

    The gradient of each look into a table is as large as the table.
    """
    return torch.column_stack([batch.pos_item, batch.neg_item])


def _of_triplets(batch: Triplets, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Scores of positives ``(B,)`` and of negatives, in the shape of ``batch.neg_item``."""
    return scores[:, 0], scores[:, 1:].reshape(batch.neg_item.shape)
