"""Two models on the same users: how far apart they are, and how far chance alone would bring them.

Every function takes ``difference``, one model's value less the other's for each user. Users count as drawn
independently of each other; what a new training would change is not in them (compare the deviation over seeds).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64
from scipy import stats

RESAMPLES = 10_000
LEVEL = 0.05
POWER = 0.80
_HELD = 2**22
"""Numbers drawn at once: bounds what resampling needs to a few times 32 MiB, whatever the number of users."""

Difference = Float64[np.ndarray, " users"]


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


def t_p(difference: Difference, *, seed: int = 0) -> float:
    """Student's paired t test: that the mean difference is 0.

    Assumes that the mean over users is about normal, which hundreds of users make it, whatever single users are like.

    Args:
        difference: for each user.
        seed: not needed, the same signature for all tests.

    Example:
        >>> round(t_p(np.array([1.0, 2.0, 3.0])), 4)
        0.0742
    """
    if np.ptp(difference) == 0:
        return 0.0 if difference[0] else 1.0
    return float(stats.ttest_1samp(difference, 0).pvalue)


def wilcoxon_p(difference: Difference, *, seed: int = 0) -> float:
    """Wilcoxon's signed-rank test, by its normal approximation: that differences lie symmetrically around 0.

    Users without a difference are ranked with the others and then left out (Pratt), for they are many where a metric is
    0 for both; equal differences share the mean of their ranks, and the variance is corrected for them. It looks at
    ranks, not at how large a difference is: it may see what the mean does not show, and the other way round. Means over
    seeds and values of a single run do not differ symmetrically.

    Args:
        difference: for each user.
        seed: not needed, the same signature for all tests.
    """
    if not difference.any():
        return 1.0
    return float(stats.wilcoxon(difference, zero_method="pratt", method="approx").pvalue)


TESTS: dict[str, Callable[..., float]] = {
    "t": t_p,
    "wilcoxon": wilcoxon_p,
    "bootstrap": bootstrap_p,
    "sign_flip": sign_flip_p,
}
"""The tests by the name that ``tests=`` uses; each gives a two-sided p."""


def effect_size(difference: Difference) -> float:
    """Cohen's d_z: the mean difference over the deviation of differences; .2 is called small, .5 medium, .8 large.

    Example:
        >>> effect_size(np.array([1.0, 2.0, 3.0]))
        2.0
    """
    mean = difference.mean()
    return float(mean / difference.std(ddof=1)) if mean else 0.0


def detectable_difference(difference: Difference) -> float:
    """The smallest true difference that a test at 5% finds in 80% of all samples of as many users.

    (1.96 + 0.84) s / sqrt(users), s being the deviation of the differences.

    Example:
        >>> round(detectable_difference(np.array([-1.0, 1.0] * 50)), 3)
        0.282
    """
    both = stats.norm.ppf(1 - LEVEL / 2) + stats.norm.ppf(POWER)
    return float(both * difference.std(ddof=1) / np.sqrt(difference.size))


@dataclass(frozen=True)
class PairedDifference:
    """How one model differs from another on the same users.

    Args:
        difference: mean over users.
        relative: the same as a share of the other model's mean; None where that is 0.
        low: lower end of the 95% interval, by :func:`bootstrap_mean`.
        high: upper end.
        detectable: :func:`detectable_difference`.
        effect: :func:`effect_size`.
        p: by the name of the test.
    """

    difference: float
    relative: float | None
    low: float
    high: float
    detectable: float
    effect: float
    p: dict[str, float]


def paired_difference(
    values: Float64[np.ndarray, " users"],
    baseline: Float64[np.ndarray, " same_users"],
    *,
    tests: Sequence[str] = ("t", "wilcoxon", "bootstrap"),
    seed: int = 0,
) -> PairedDifference:
    """Compares two models by what each gave to the same users.

    Args:
        values: of each user.
        baseline: the other model's, of the same users in the same order.
        tests: some of :data:`TESTS`.
        seed: of what is drawn.

    Raises:
        ValueError: if there are fewer than two users, or not the same number of both.

    Example:
        >>> found = paired_difference(np.array([0.2, 0.4, 0.9]), np.array([0.1, 0.4, 0.4]), tests=["t"])
        >>> round(found.difference, 3), round(found.p["t"], 3)
        (0.2, 0.321)
    """
    if values.shape != baseline.shape or values.size < 2:
        raise ValueError(
            f"values and baseline must be of the same two users or more, got {values.size} and {baseline.size}"
        )
    difference = values - baseline
    resampled = bootstrap_mean(difference, seed=seed)
    others = {name: TESTS[name](difference, seed=seed) for name in tests if name != "bootstrap"}
    found = {**others, "bootstrap": resampled.p}
    base = float(baseline.mean())
    return PairedDifference(
        difference=float(difference.mean()),
        relative=float(difference.mean()) / base if base else None,
        low=resampled.low,
        high=resampled.high,
        detectable=detectable_difference(difference),
        effect=effect_size(difference),
        p={name: found[name] for name in tests},
    )


def _two_sided(beyond: int, resamples: int) -> float:
    """With the outcome that was seen among those drawn, so that it is never 0."""
    return float(min(1.0, 2 * (1 + beyond) / (1 + resamples)))
