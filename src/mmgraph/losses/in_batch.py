"""The term where a batch's pairs are each other's negatives."""

from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from mmgraph.losses.base import LossTerm, PairScorer
from mmgraph.losses.functional import check_choice, full_precision
from mmgraph.losses.rows import distinct
from mmgraph.losses.streaming import streaming_info_nce
from mmgraph.losses.views import SIDE_OF_ROWS, all_views, find_views, pair_views, rows_of, take
from mmgraph.typing import Encoding, Triplets

_ROWS = ("user", "pos_item")


class InBatchNCE(LossTerm):
    r"""One end of each pair of the batch should find the other among those ends of the whole batch (in-batch softmax).

    SLMRec (Tao et al., TMM 2022, https://doi.org/10.1109/TMM.2022.3187556) ranks by it; the loader's negatives play no
    part. Other than :class:`InfoNCE` it compares users with items, or vectors as long as they are.

    .. math:: \mathcal L = \operatorname{mean}_a
        -\log \frac{\exp(x_a \cdot y_a / \tau)}{\sum_b \exp(x_a \cdot y_b / \tau)}

    Args:
        anchor: name or pattern of the views :math:`x`.
        positive: name or pattern of the views :math:`y`. Equal names or patterns compare each view with itself, others
            pair as in :class:`InfoNCE`. The losses of several pairs are added up; an empty view ("not yet") adds
            nothing.
        anchor_row: which end of each interaction a is: "user" or "pos_item".
        positive_row: which end its partner is.
        tau: temperature :math:`\tau`, above 0.
        swap: name or pattern of views :math:`p` (items) that are a summand of :math:`y`, paired with them like anchors:
            as further candidates, every positive i with this summand of its negative j, :math:`y_i - p_i + p_j`, the
            challenging negatives of MMGCL (SIGIR 2022, https://doi.org/10.1145/3477495.3532027). None: without.
        normalize: compares by cosine; False: by the inner product.
        weight: factor of the term; 0 or None: not computed.

    Raises:
        ValueError: if a setting is out of range or not known.
        KeyError: at the first step, if no view matches, or one lacks a partner or a side.

    Example:
        >>> InBatchNCE("final", "final", anchor_row="user", positive_row="pos_item", tau=0.2).tau
        0.2
    """

    def __init__(
        self,
        anchor: str,
        positive: str,
        *,
        anchor_row: str,
        positive_row: str,
        tau: float,
        swap: str | None = None,
        normalize: bool = True,
        weight: float | None = 1.0,
    ) -> None:
        super().__init__(weight=weight)
        for name, value in {"anchor_row": anchor_row, "positive_row": positive_row}.items():
            check_choice(value, name=name, allowed=_ROWS)
        if not tau > 0:
            raise ValueError(f"tau={tau} must be above 0")
        if swap is not None and positive_row != "pos_item":
            raise ValueError(f"swap={swap!r} takes a part of the positive items: positive_row must be 'pos_item'")
        self.swap = swap
        self.anchor = anchor
        self.positive = positive
        self.tau = tau
        self.normalize = normalize
        self.anchor_row = anchor_row
        self.positive_row = positive_row

    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Loss of the batch's interactions, summed over pairs of views."""
        total = encoding.user.new_zeros(())
        views = all_views(encoding)
        for anchor, positive in self._pairs(encoding):
            if views[anchor] and views[positive]:
                total = total + self._pair(anchor, positive, encoding, batch)
        return total

    def _pair(self, anchor: str, positive: str, encoding: Encoding, batch: Triplets) -> Tensor:
        bound = 1 / self.tau if self.normalize else None
        contrast = partial(streaming_info_nce, tau=self.tau, max_logit=bound)
        ends = getattr(batch, self.positive_row)
        once = distinct(ends)
        partner = _rows(encoding, positive, self.positive_row, once.nodes)
        candidates = self._compared(partner)
        if self.anchor_row == self.positive_row and self.swap is None:
            x = self._compared(_rows(encoding, anchor, self.anchor_row, once.nodes))
            loss = contrast(x, candidates, candidates, count=once.times, repeats=once.times)
            return loss / ends.size(0)
        x = self._compared(_rows(encoding, anchor, self.anchor_row, getattr(batch, self.anchor_row)))
        y = take(candidates, once.place)
        repeats = once.times
        if self.swap is not None:
            others = self._compared(self._swapped(take(partner, once.place), positive, encoding, batch))
            candidates = torch.cat([candidates, others])
            repeats = None if repeats is None else torch.cat([repeats, repeats.new_ones(others.size(0))])
        return contrast(x, y, candidates, repeats=repeats) / ends.size(0)

    def can_act(self, encoding: Encoding) -> bool:
        """Whether there are two views to compare."""
        return bool(self._pairs(encoding))

    def _pairs(self, encoding: Encoding) -> list[tuple[str, str]]:
        if self.anchor == self.positive:
            return [(name, name) for name in find_views(encoding, self.anchor)]
        return pair_views(encoding, self.anchor, self.positive)

    def _compared(self, rows: Tensor) -> Tensor:
        return F.normalize(rows, dim=-1) if self.normalize else rows

    def _swapped(self, partner: Tensor, positive: str, encoding: Encoding, batch: Triplets) -> Tensor:
        assert self.swap is not None
        part = dict(pair_views(encoding, self.positive, self.swap))[positive]
        own, other = (_rows(encoding, part, row, getattr(batch, row).flatten()) for row in ("pos_item", "neg_item"))
        return (partner - own).repeat_interleave(other.size(0) // own.size(0), dim=0) + other


def _rows(encoding: Encoding, name: str, row: str, nodes: Tensor) -> Tensor:
    return full_precision(rows_of(all_views(encoding)[name], nodes, name=name, side=SIDE_OF_ROWS[row]))
