"""A contrast whose anchors several processes divide among them."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mmgraph.losses.streaming import streaming_info_nce
from mmgraph.processes.divided import own_part, sum_over_processes


def divided_info_nce(
    anchor: Float[Tensor, "anchors dim"],
    positive: Float[Tensor, "anchors dim"],
    candidates: Float[Tensor, "candidates dim"],
    *,
    tau: float,
    outside: Bool[Tensor, "anchors"] | None = None,
    count: Int[Tensor, "anchors"] | None = None,
    repeats: Int[Tensor, "candidates"] | None = None,
    exclude: Int[Tensor, "anchors"] | None = None,
    max_logit: float | None = None,
    products: torch.dtype | None = None,
) -> Float[Tensor, ""]:
    """:func:`~mmgraph.losses.streaming_info_nce`, of which each of N processes computes every N-th anchor's share.

    All processes must give the same vectors, and all get the same sum; for its gradient see
    :func:`mmgraph.processes.divided.sum_over_processes`. One process computes it all.

    Args:
        anchor: see there, as all others.
        positive: of each anchor.
        candidates: of all anchors.
        tau: temperature.
        outside: anchors whose own positive is not among the candidates.
        count: how often each anchor counts.
        repeats: how often each candidate is there.
        exclude: the candidate that is none for this anchor.
        max_logit: what no similarity over tau exceeds.
        products: type of similarities and products.

    Raises:
        ValueError: as there.

    Example:
        >>> x = torch.eye(2)
        >>> divided_info_nce(x, x, x, tau=1.0)
        tensor(0.6265)
    """
    part = own_part()
    outside, count, exclude = (None if x is None else x[part] for x in (outside, count, exclude))
    share = streaming_info_nce(
        anchor[part],
        positive[part],
        candidates,
        tau=tau,
        outside=outside,
        count=count,
        repeats=repeats,
        exclude=exclude,
        max_logit=max_logit,
        products=products,
    )
    return sum_over_processes(share)
