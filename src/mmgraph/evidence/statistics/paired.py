"""Two models on the same users: how far apart they are, and how far chance alone would bring them.

Every function takes ``difference``, one model's value less the other's for each user. Users count as drawn
independently of each other; what a new training would change is not in them (compare the deviation over seeds).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from scipy import stats

from mmgraph.evidence.statistics.resampling import LEVEL, Difference, bootstrap_mean, bootstrap_p, sign_flip_p

POWER = 0.80


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
