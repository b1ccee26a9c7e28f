"""The term that keeps vectors small."""

from collections.abc import Sequence

import torch
from torch import Tensor

from mmgraph.losses import functional
from mmgraph.losses.base import LossTerm, PairScorer
from mmgraph.losses.functional import check_choice
from mmgraph.losses.views import SIDE_OF_ROWS, BySide, exact_rows, find_views, rows_of, take
from mmgraph.typing import Encoding, Triplets


class L2(LossTerm):
    """Size of the vectors in some views (:func:`mmgraph.losses.l2`), in each of the forms that papers use.

    ============================================ ================================================================
    Form                                         Arguments
    ============================================ ================================================================
    MMRec's EmbLoss on LightGCN: norms of the    ``of="ego", squared=False, reduction="batchmean"``
    batch's users, positives and negatives / B
    LightGCN: half their squares / B             ``of="ego", half=True, reduction="batchmean"``
    RedND: mean square of the batch's users      ``of="preference.*", rows=["user"]``
    RedND: mean square of all users' weights     ``of="user_weight", rows="all"``
    BM3: norms of all users and all items / I    ``of="graph", rows="all", squared=False, reduction="rowmean"``
    ============================================ ================================================================

    Every view and every kind of row is one tensor; their values are added up. Rows that occur twice count twice.

    Args:
        of: name or pattern of the views, or several of them.
        weight: factor of the term; 0 or None: not computed.
        rows: "batch" (the batch's users, positive and negative items), some of "user", "pos_item", "neg_item", or "all"
            rows of the graph (the exact ones of a sampled subgraph). A side that a view lacks is left out.
        squared: squares of norms, or the norms themselves.
        half: takes half of it, so that the gradient of a square is the vector itself.
        reduction: "mean" over the elements of each tensor, "batchmean": the sum divided by the batch size, "rowmean":
            divided by the number of rows of the last tensor (a view's items), or "sum".

    Raises:
        ValueError: if a setting is not known.
        KeyError: at the first step, if no view matches or one has none of the rows.

    Example:
        >>> L2("ego", weight=1e-4, squared=False, reduction="batchmean").weight
        0.0001
    """

    def __init__(
        self,
        of: str | Sequence[str],
        *,
        weight: float | None = 1.0,
        rows: str | Sequence[str] = "batch",
        squared: bool = True,
        half: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight=weight)
        check_choice(reduction, name="reduction", allowed=("mean", "batchmean", "rowmean", "sum"))
        if isinstance(rows, str):
            check_choice(rows, name="rows", allowed=("batch", "all", *SIDE_OF_ROWS))
            rows = list(SIDE_OF_ROWS) if rows == "batch" else [rows]
        elif not rows or set(rows) - set(SIDE_OF_ROWS):
            raise ValueError(f"rows={list(rows)} must be some of {', '.join(SIDE_OF_ROWS)}, or the word 'all'")
        self.patterns = [of] if isinstance(of, str) else list(of)
        self.rows = list(rows)
        self.needs_all_rows = self.rows == ["all"]
        self.squared = squared
        self.halved = half
        self.reduction = reduction

    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Size of the named views' rows."""
        views = {name: view for pattern in self.patterns for name, view in find_views(encoding, pattern).items()}
        tensors = [x for name, view in views.items() if view for x in self._tensors(name, view, batch)]
        if not tensors:
            return encoding.user.new_zeros(())
        reduction = "mean" if self.reduction == "mean" else "sum"
        value = functional.l2(tensors, squared=self.squared, reduction=reduction)
        divisor = {"batchmean": batch.user.numel(), "rowmean": tensors[-1].size(0)}.get(self.reduction, 1)
        return value / (2 * divisor if self.halved else divisor)

    def _tensors(self, name: str, view: BySide, batch: Triplets) -> list[Tensor]:
        if self.rows == ["all"]:
            return [take(x, exact_rows("user" if side == "user" else "item", batch)) for side, x in view.items()]
        kinds = [kind for kind in self.rows if SIDE_OF_ROWS[kind] in view]
        if not kinds:
            raise KeyError(f"view {name!r} has rows of {sorted(view)} only, none for rows={self.rows}")
        tensors: list[Tensor] = []
        for side in sorted({SIDE_OF_ROWS[kind] for kind in kinds}):
            # All of a side at once: the gradient of each look into a table is as large as the table.
            chosen = [getattr(batch, kind).flatten() for kind in kinds if SIDE_OF_ROWS[kind] == side]
            rows = rows_of(view, torch.cat(chosen), name=name, side=side)
            tensors += rows.split([kind_rows.numel() for kind_rows in chosen])
        return tensors
