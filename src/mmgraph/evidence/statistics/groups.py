"""Which models of a leaderboard cannot be told apart."""

import string

import numpy as np
from jaxtyping import Bool, Float64
from scipy import stats

from mmgraph.evidence.statistics.correction import CORRECTIONS


def pairwise_p(
    values: Float64[np.ndarray, "users models"], *, correction: str = "holm"
) -> Float64[np.ndarray, "models models"]:
    """Paired t tests of every model with every other one, adjusted over all pairs; 1 on the diagonal.

    Args:
        values: of each user by each model.
        correction: one of :data:`~mmgraph.evidence.statistics.CORRECTIONS`.

    Example:
        >>> pairwise_p(np.array([[0.0, 1.0], [0.0, 2.0], [0.0, 3.0]])).round(4).tolist()
        [[1.0, 0.0742], [0.0742, 1.0]]
    """
    count = values.shape[1]
    first, second = np.triu_indices(count, k=1)
    p = np.concatenate([np.empty(0), *(_tested(values, model) for model in range(count - 1))])
    table = np.ones((count, count))
    table[first, second] = CORRECTIONS[correction](p)
    return np.minimum(table, table.T)


def _tested(values: Float64[np.ndarray, "users models"], model: int) -> Float64[np.ndarray, " later"]:
    """One model with each of those behind it."""
    difference = values[:, model + 1 :] - values[:, [model]]
    p = np.ones(difference.shape[1])
    varies = np.ptp(difference, axis=0) > 0
    p[~varies & difference[0].astype(bool)] = 0.0
    p[varies] = stats.ttest_1samp(difference[:, varies], 0).pvalue
    return p


def same_letters(differs: Bool[np.ndarray, "models models"]) -> list[str]:
    """Letters for each model: two that share one are not told apart, two that share none are (Piepho 2004).

    Args:
        differs: which pairs are told apart, the models by rank, best first: ``a`` goes to the best one's group.

    Example:
        >>> same_letters(np.array([[False, False, True], [False, False, False], [True, False, False]]))
        ['a', 'ab', 'b']
    """
    groups = [frozenset(range(len(differs)))]
    for one, other in zip(*np.triu(differs).nonzero(), strict=True):
        halves = [group - {gone} for group in groups for gone in _parted(group, int(one), int(other))]
        groups = _without_parts(halves)
    groups.sort(key=sorted)
    return ["".join(_letter(n) for n, group in enumerate(groups) if model in group) for model in range(len(differs))]


def _parted(group: frozenset[int], one: int, other: int) -> tuple[int, ...]:
    """Who goes: either of two that stand together and are told apart, else nobody."""
    return (one, other) if {one, other} <= group else (-1,)


def _without_parts(groups: list[frozenset[int]]) -> list[frozenset[int]]:
    """The groups that are no part of another one, each once."""
    distinct = list(dict.fromkeys(groups))
    return [group for group in distinct if not any(group < other for other in distinct)]


def _letter(number: int) -> str:
    """From a to z, then a1 to z1 and so on."""
    turn, place = divmod(number, len(string.ascii_lowercase))
    return string.ascii_lowercase[place] + (str(turn) if turn else "")
