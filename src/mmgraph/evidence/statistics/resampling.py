"""What chance would do, by drawing it: users again and again, or signs."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64
from scipy import stats

RESAMPLES = 10_000
LEVEL = 0.05
_HELD = 2**22
"""Numbers drawn at once: bounds what resampling needs to a few times 32 MiB, whatever the number of users."""

Difference = Float64[np.ndarray, " users"]
"""One model's value less the other's, of each user."""


class Bootstrap(NamedTuple):
    """What a resampled mean difference is like.

    Attributes:
        low: lower end of the 95% interval.
        high: upper end.
        p: twice the share of resamples on the far side of 0.
    """

    low: float
    high: float
    p: float


def bootstrap_mean(difference: Difference, *, resamples: int = RESAMPLES, seed: int = 0) -> Bootstrap:
    """Draws as many users as there are, with replacement, again and again: how the mean difference varies.

    The interval is the percentile one. Nothing is assumed of the shape of the differences, only that there are users
    enough (hundreds) to stand for those who are not there.

    Args:
        difference: for each user.
        resamples: how often it is drawn.
        seed: of the draws.

    Example:
        >>> bootstrap_mean(np.array([0.0, 0.0, 1.0, 1.0] * 50)).low > 0.4
        True
    """
    found = stats.bootstrap(
        (difference,),
        np.mean,
        n_resamples=resamples,
        batch=max(1, _HELD // difference.size),
        method="percentile",
        confidence_level=1 - LEVEL,
        random_state=np.random.default_rng(seed),
    )
    means = found.bootstrap_distribution
    interval = found.confidence_interval
    beyond = int(min((means <= 0).sum(), (means >= 0).sum()))
    return Bootstrap(float(interval.low), float(interval.high), _two_sided(beyond, resamples))


def bootstrap_p(difference: Difference, *, seed: int = 0) -> float:
    """That of :func:`bootstrap_mean`; never below 2 / 10,001."""
    return bootstrap_mean(difference, seed=seed).p


def sign_flip_p(difference: Difference, *, resamples: int = RESAMPLES, seed: int = 0) -> float:
    """Flips the sign of each user's difference by a coin: how often the mean gets as far from 0 as it is.

    Exact, but for the number of flips, where neither model has anything over the other: then a user's difference is as
    likely to be its opposite.

    Args:
        difference: for each user.
        resamples: how often all signs are drawn.
        seed: of the draws.

    Example:
        >>> sign_flip_p(np.array([1.0, 2.0, 3.0])) > 0.2
        True
    """
    moved = difference[difference != 0]
    total = moved.sum()
    generator = np.random.default_rng(seed)
    rows = max(1, _HELD // max(moved.size, 1))
    tolerance = 1e-9 * np.abs(moved).sum()
    beyond = 0
    for start in range(0, resamples, rows):
        size = (min(rows, resamples - start), moved.size)
        kept = generator.integers(2, size=size, dtype=np.int8)
        beyond += (np.abs(2 * (kept @ moved) - total) >= abs(total) - tolerance).sum()
    return float((1 + beyond) / (1 + resamples))


def _two_sided(beyond: int, resamples: int) -> float:
    """With the outcome that was seen among those drawn, so that it is never 0."""
    return float(min(1.0, 2 * (1 + beyond) / (1 + resamples)))
