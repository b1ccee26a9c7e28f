"""AUC against a sample of negatives, for comparison with papers that report it; it says little about lists.

It is biased towards models that tell unpopular items from others, weighs rank 1 and rank 10,000 alike, and need not
order models as full ranking does: Krichene and Rendle, "On Sampled Metrics for Item Recommendation", KDD 2020.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Float64, Int
from torch import Tensor

from mmgraph.evaluation.pairs import PairSet

SAMPLED_AUC = "sampled_auc"
_ROUNDS = 200
"""A user who has 9 items in 10 has then one draw in 10^9 that is still no negative; such a draw is left out."""


def sampled_auc(
    scores: Float[Tensor, "batch items"],
    user_idx: Int[Tensor, " batch"],
    *,
    known: PairSet,
    targets: PairSet,
    ks: Sequence[int],
    seed: int,
) -> Float64[Tensor, "batch ks"]:
    """Share of pairs (target, negative) of a user in which the target has the higher score; equal ones count half.

    The negatives of a user are drawn with repeats from the items that are neither known nor targets. They depend on
    the seed and the user's index only: every model meets the same ones.

    Args:
        scores: of all items for each user.
        user_idx: the users.
        known: pairs that are no negatives.
        targets: pairs that ought to score high.
        ks: numbers of negatives; the first k of the largest number are those of k.
        seed: draws the negatives.

    Returns:
        One column for each of ``ks``; 0.5 for a user without a target or without a negative.
    """
    positive = torch.zeros(scores.shape, dtype=torch.bool, device=scores.device)
    positive[known.entries(user_idx)] = True
    positive[targets.entries(user_idx)] = True
    negative, is_negative = draw_negatives(positive, user_idx, max(ks), seed)
    row, item = targets.entries(user_idx)
    target = scores[row, item].unsqueeze(-1)
    other = scores.gather(1, negative)[row]
    wins = ((target > other).double() + 0.5 * (target == other)) * is_negative[row]
    last = torch.tensor(ks, device=scores.device) - 1
    won = torch.zeros(scores.size(0), len(ks), dtype=torch.float64, device=scores.device)
    won.index_add_(0, row, wins.cumsum(-1)[:, last])
    pairs = is_negative.cumsum(-1)[:, last] * targets.counts(user_idx).unsqueeze(-1)
    return (won / pairs).where(pairs > 0, 0.5)


def draw_negatives(
    positive: Bool[Tensor, "batch items"], user_idx: Int[Tensor, " batch"], count: int, seed: int
) -> tuple[Int[Tensor, "batch count"], Bool[Tensor, "batch count"]]:
    """``count`` items for each user, and whether each is none of the positive ones, which is nearly certain."""
    size = positive.size(1)
    place = torch.arange(count, device=user_idx.device)
    key = _mixed(_mixed(user_idx.unsqueeze(-1) + _mixed(torch.tensor(seed, device=user_idx.device))) + place)
    drawn = key.remainder(size)
    for _ in range(_ROUNDS):
        wrong = positive.gather(1, drawn)
        if not wrong.any():
            break
        key = _mixed(key + 1)
        drawn = torch.where(wrong, key.remainder(size), drawn)
    return drawn, ~positive.gather(1, drawn)


def _mixed(x: Tensor) -> Tensor:
    """Splitmix64's finaliser: 64 bits that look like chance, the same on every device (Steele et al., OOPSLA 2014)."""
    x = (x ^ _shifted(x, 30)) * -0x40A7B892E31B1A47
    x = (x ^ _shifted(x, 27)) * -0x6B2FB644ECCEEE15
    return x ^ _shifted(x, 31)


def _shifted(x: Tensor, bits: int) -> Tensor:
    """To the right, zeros coming in: torch's own copies the sign."""
    return (x >> bits) & ((1 << (64 - bits)) - 1)
