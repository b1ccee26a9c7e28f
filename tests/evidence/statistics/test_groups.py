import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mmgraph.evidence.statistics import holm, pairwise_p, same_letters


@given(st.integers(1, 7), st.integers(0, 2**21 - 1))
def test_two_share_a_letter_exactly_where_they_are_not_told_apart(count, bits):
    first, second = np.triu_indices(count, k=1)
    differs = np.zeros((count, count), dtype=bool)
    differs[first, second] = [bits >> place & 1 for place in range(first.size)]
    differs |= differs.T
    letters = same_letters(differs)
    assert all(letters)
    for one, other in zip(first, second, strict=True):
        assert bool(set(letters[one]) & set(letters[other])) != differs[one, other]
    assert letters[0].startswith("a")


def test_pairs_are_paired_t_tests_adjusted_together():
    values = np.random.default_rng(0).random((40, 4)) + np.array([0.2, 0.1, 0.0, 0.0])
    found = pairwise_p(values)
    first, second = np.triu_indices(4, k=1)
    p = np.array([stats.ttest_rel(values[:, a], values[:, b]).pvalue for a, b in zip(first, second, strict=True)])
    np.testing.assert_allclose(found[first, second], holm(p))
    np.testing.assert_array_equal(found, found.T)


def test_models_that_are_equal_for_every_user_or_apart_by_the_same():
    values = np.array([[0.5, 0.5, 0.25], [0.25, 0.25, 0.0]])
    np.testing.assert_array_equal(pairwise_p(values), [[1, 1, 0], [1, 1, 0], [0, 0, 1]])
