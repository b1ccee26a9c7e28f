"""InfoNCE between views, the contrastive term of most graph recommenders."""

from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from mmgraph.losses.base import LossTerm, PairScorer
from mmgraph.losses.divided import divided_info_nce
from mmgraph.losses.functional import REDUCTIONS, check_choice, full_precision
from mmgraph.losses.rows import Rows, count_repeats, sample, subset_rows
from mmgraph.losses.streaming import streaming_info_nce
from mmgraph.losses.views import BySide, Side, all_views, exact_rows, pair_views, side_of, take
from mmgraph.typing import Encoding, Triplets

_Named = tuple[str, BySide]
_PRODUCTS = {"float32": None, "bfloat16": torch.bfloat16}
_SIDES: dict[str, tuple[Side, ...]] = {"user": ("user",), "item": ("item",), "both": ("user", "item")}


class InfoNCE(LossTerm):
    r"""Every node's vector in one view should find its own vector in another among many, by cosine.

    van den Oord et al., "Representation Learning with Contrastive Predictive Coding", 2018,
    https://arxiv.org/abs/1807.03748; as a term of RedND (Eq. 10-11), LGMRec, SGL, SimGCL, NCL, MGCN, MICRO. Exact for
    any number of nodes in memory of nodes x block (:func:`mmgraph.losses.streaming_info_nce`), divided among processes.

    .. math:: \mathcal L = \operatorname{mean}_{a}
        -\log \frac{\exp(\cos(x_a, y_a) / \tau)}{\sum_{b \in \mathcal C \cup \{a\}} \exp(\cos(x_a, y_b) / \tau)}

    Args:
        anchor: name or pattern of the views :math:`x`. ``"ego.*"`` against ``"neighbors.*"`` pairs equal modalities,
            equal patterns (``"hyper.*"`` twice) give every pair of two views once, a pattern against a plain name gives
            each against one. The losses of several pairs are added up; an empty view ("not yet") adds nothing.
        positive: name or pattern of the views :math:`y`.
        tau: temperature :math:`\tau`, above 0.
        weight: factor of the term; 0 or None: not computed.
        nodes: "user", "item" or "both" sides; None: those that the two views share.
        joint: users and items share one softmax (and one mean), instead of one each that are added up.
        anchors: which nodes :math:`a` look for themselves: "all" (the exact ones of a sampled subgraph), "batch" (the
            batch's users and positive items) or a number, drawn anew each step without replacement by torch's
            generator: from users and items together where ``joint``, so that the mean stays unbiased, else from each.
        candidates: which nodes :math:`\mathcal C` they look among, likewise. With the same setting as ``anchors`` they
            are the same nodes; otherwise an anchor that is not among them joins its own sum.
        within: whether the other anchors, in their own view, are candidates too (GRACE, https://arxiv.org/abs/2006.04131;
            MICRO). Needs the same setting for ``anchors`` and ``candidates``.
        unique: a node that is several times in the batch counts once.
        symmetric: takes the mean of both directions, anchor to positive and back.
        reduction: "mean" or "sum" over anchors.
        products: "float32" or "bfloat16", in which similarities are taken and multiplied; the latter is an
            approximation at half of the time where the processor has it
            (:func:`mmgraph.losses.streaming_info_nce`).

    Raises:
        ValueError: if a setting is out of range or not known.
        KeyError: at the first step, if no view matches, or one lacks a partner or a side.

    Example:
        >>> InfoNCE("ego.*", "neighbors.*", tau=0.2, joint=True, weight=1e-3).tau
        0.2
    """

    def __init__(
        self,
        anchor: str,
        positive: str,
        *,
        tau: float,
        weight: float | None = 1.0,
        nodes: str | None = None,
        joint: bool = False,
        anchors: str | int = "all",
        candidates: str | int = "all",
        within: bool = False,
        unique: bool = True,
        symmetric: bool = False,
        reduction: str = "mean",
        products: str = "float32",
    ) -> None:
        super().__init__(weight=weight)
        if not tau > 0:
            raise ValueError(f"tau={tau} must be above 0")
        if max(anchor.count("*"), positive.count("*")) > 1 or (anchor == positive and "*" not in anchor):
            raise ValueError(
                f"anchor={anchor!r}, positive={positive!r}: at most one '*' each, and two different views without any"
            )
        check_choice(nodes, name="nodes", allowed=(None, *_SIDES))
        check_choice(reduction, name="reduction", allowed=REDUCTIONS)
        check_choice(products, name="products", allowed=tuple(_PRODUCTS))
        for name, value in {"anchors": anchors, "candidates": candidates}.items():
            if value not in ("all", "batch") and (isinstance(value, str) or value < 1):
                raise ValueError(f"{name}={value!r} must be 'all', 'batch' or a number of nodes, at least 1")
        if within and anchors != candidates:
            raise ValueError(f"within=True needs equal anchors and candidates, got {anchors!r} and {candidates!r}")
        self.anchor = anchor
        self.positive = positive
        self.tau = tau
        self.nodes = nodes
        self.joint = joint
        self.anchors = anchors
        self.candidates = candidates
        self.within = within
        self.unique = unique
        self.symmetric = symmetric
        self.reduction = reduction
        self.products = _PRODUCTS[products]

    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Loss of all pairs of views."""
        views = all_views(encoding)
        rows = self._draw(_SIDES[self.nodes or "both"], encoding, batch)
        total = encoding.user.new_zeros(())
        divide = divided_info_nce if batch.nodes is None else streaming_info_nce  # sampled: each process has its own
        contrast = partial(divide, tau=self.tau, max_logit=1 / self.tau, products=self.products)
        for x, y in pair_views(encoding, self.anchor, self.positive):
            if views[x] and views[y]:
                total = total + self._pair((x, views[x]), (y, views[y]), rows, contrast)
        return total

    def can_act(self, encoding: Encoding) -> bool:
        """Whether there are two views to compare."""
        return bool(pair_views(encoding, self.anchor, self.positive))

    def _draw(self, sides: tuple[Side, ...], encoding: Encoding, batch: Triplets) -> dict[Side, Rows]:
        anchors = self._select(self.anchors, sides, encoding, batch)
        if self.candidates == self.anchors:
            # Within a view a node's repeats are candidates that the node itself is not.
            as_they_are = self.within or self.unique or self.anchors != "batch"
            same = Rows if as_they_are else count_repeats
            return {side: same(anchors[side], anchors[side]) for side in sides}
        candidates = self._select(self.candidates, sides, encoding, batch)
        if self.candidates == "all":
            return {side: count_repeats(anchors[side], candidates[side]) for side in sides}
        return {side: subset_rows(getattr(encoding, side), anchors[side], candidates[side]) for side in sides}

    def _select(
        self, which: str | int, sides: tuple[Side, ...], encoding: Encoding, batch: Triplets
    ) -> dict[Side, Tensor | None]:
        if which == "batch":
            rows = {side: batch.user if side == "user" else batch.pos_item for side in sides}
            return {side: row.unique() if self.unique else row for side, row in rows.items()}
        exact = {side: exact_rows(side, batch) for side in sides}
        if isinstance(which, str):
            return exact
        counts = {side: len(getattr(encoding, side) if rows is None else rows) for side, rows in exact.items()}
        chosen = sample(which, counts, joint=self.joint, device=encoding.user.device)
        return {side: chosen[side] if rows is None else take(rows, chosen[side]) for side, rows in exact.items()}

    def _pair(self, x: _Named, y: _Named, rows: dict[Side, Rows], contrast: partial[Tensor]) -> Tensor:
        sides = [side for side in rows if self.nodes or (side in x[1] and side in y[1])]
        if not sides:
            raise KeyError(f"views {x[0]!r} ({sorted(x[1])}) and {y[0]!r} ({sorted(y[1])}) share no side")
        parts = [
            (side_of(x[1], name=x[0], side=side), side_of(y[1], name=y[0], side=side), rows[side]) for side in sides
        ]
        groups = [parts] if self.joint else [[part] for part in parts]
        losses = [self._contrast(group, contrast) for group in groups]
        if self.symmetric:
            losses += [self._contrast([(b, a, r) for a, b, r in group], contrast) for group in groups]
        total = torch.stack(losses).sum()
        return total / 2 if self.symmetric else total

    def _contrast(self, group: list[tuple[Tensor, Tensor, Rows]], contrast: partial[Tensor]) -> Tensor:
        anchor = _unit([take(x, rows.anchors) for x, _, rows in group])
        positive = _unit([take(y, rows.anchors) for _, y, rows in group])
        same = all(rows.anchors is rows.candidates for _, _, rows in group)
        candidates = positive if same else _unit([take(y, rows.candidates) for _, y, rows in group])
        marks = [rows.outside for _, _, rows in group if rows.outside is not None]
        outside = torch.cat(marks) if marks else None
        counts = [rows.times for _, _, rows in group if rows.times is not None]
        count = torch.cat(counts) if counts else None
        exclude = None
        if self.within:
            exclude = torch.arange(anchor.size(0), device=anchor.device) + candidates.size(0)
            candidates = torch.cat([candidates, anchor])
        repeats = count if same else None
        value = contrast(anchor, positive, candidates, outside=outside, count=count, repeats=repeats, exclude=exclude)
        if self.reduction == "sum":
            return value
        return value / (anchor.size(0) if count is None else count.sum())


def _unit(tables: list[Tensor]) -> Tensor:
    return F.normalize(full_precision(torch.cat(tables)), dim=-1)
