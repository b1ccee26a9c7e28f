"""Analysis of variance: whether several models are all the same."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64
from scipy import stats


class Anova(NamedTuple):
    """The outcome.

    Attributes:
        f: variance between models over that within.
        df_between: degrees of freedom between models, as corrected.
        df_within: degrees of freedom within, as corrected.
        p: that all models are the same.
        effect: share of the variance that the models explain; of repeated measures the partial one, without the users'.
        epsilon: what Greenhouse and Geisser correct by; 1 where nothing is to be corrected.
    """

    f: float
    df_between: float
    df_within: float
    p: float
    effect: float
    epsilon: float


def one_way_anova(groups: Sequence[Float64[np.ndarray, " _"]]) -> Anova:
    """One-way: each group is a model's values, all independent of each other, normal and of one variance.

    Right for values by seed. Users' values of several models are not independent, for the same users are hard for all;
    then it finds too little, and :func:`repeated_anova` is the one to take.

    Args:
        groups: a model's values each, two or more.

    Example:
        >>> found = one_way_anova([np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])])
        >>> round(found.f, 3), round(found.p, 4)
        (13.5, 0.0213)
    """
    count = sum(group.size for group in groups)
    between = len(groups) - 1
    grand = np.concatenate(groups).mean()
    explained = sum(group.size * (group.mean() - grand) ** 2 for group in groups)
    rest = sum(((group - group.mean()) ** 2).sum() for group in groups)
    found = stats.f_oneway(*groups)
    effect = _share(explained, rest)
    return Anova(float(found.statistic), between, count - len(groups), float(found.pvalue), effect, 1.0)


def repeated_anova(values: Float64[np.ndarray, "users models"]) -> Anova:
    """Repeated measures: the same users by every model, so that what is hard for a user counts for nobody.

    Assumes that the means over users are about normal; that differences of all pairs of models vary alike is not
    assumed, for degrees of freedom are corrected by Greenhouse and Geisser's epsilon. Of two models it is the paired
    t test.

    Args:
        values: of each user by each model, two models or more.

    Example:
        >>> found = repeated_anova(np.array([[1.0, 2.0, 4.0], [2.0, 2.0, 5.0], [3.0, 5.0, 6.0], [4.0, 4.0, 7.0]]))
        >>> round(found.f, 2), round(found.epsilon, 2)
        (31.91, 0.5)
    """
    users, models = values.shape
    centred = values - values.mean(axis=1, keepdims=True)
    means = centred.mean(axis=0)
    explained = float(users * (means**2).sum())
    rest = float(((centred - means) ** 2).sum())
    spread = np.cov(centred, rowvar=False)
    squares = (spread**2).sum()
    epsilon = float(np.trace(spread) ** 2 / ((models - 1) * squares)) if squares else 1.0
    between = epsilon * (models - 1)
    within = between * (users - 1)
    f = (explained / rest) * (users - 1) if rest else (np.inf if explained else 0.0)
    return Anova(float(f), between, within, float(stats.f.sf(f, between, within)), _share(explained, rest), epsilon)


def _share(explained: float, rest: float) -> float:
    total = explained + rest
    return float(explained / total) if total else 0.0
