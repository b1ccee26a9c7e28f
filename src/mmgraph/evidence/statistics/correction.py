"""Many comparisons at once: of twenty tests at 5%, one finds something where nothing is."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float64
from scipy import stats

PValues = Float64[np.ndarray, " tests"]


def holm(p: PValues) -> PValues:
    """Adjusts so that the chance of even one false finding among all tests stays below the level (Holm 1979).

    Holds however the tests depend on each other: for "is any of these differences real".

    Example:
        >>> holm(np.array([0.01, 0.04, 0.03])).round(3).tolist()
        [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    scaled = p[order] * np.arange(p.size, 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(scaled).clip(max=1)
    return adjusted


def benjamini_hochberg(p: PValues) -> PValues:
    """Adjusts so that of what is found no larger a share than the level is false, on average (1995).

    Holds for tests that are independent or go together, as those against one baseline do: for leaderboards.

    Example:
        >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03])).round(3).tolist()
        [0.03, 0.04, 0.04]
    """
    return stats.false_discovery_control(p, method="bh") if p.size else p


CORRECTIONS: dict[str, Callable[[PValues], PValues]] = {"holm": holm, "bh": benjamini_hochberg}
"""By the name that ``correction=`` uses."""
