import numpy as np
import pytest
from scipy import stats

from mmgraph.evidence.statistics import one_way_anova, repeated_anova

RUNS = 500


def test_a_table_by_hand():
    values = np.array([[1.0, 2.0, 4.0], [2.0, 2.0, 5.0], [3.0, 5.0, 6.0], [4.0, 4.0, 7.0]])
    found = repeated_anova(values)
    explained, rest = 19.5, 36.25 - 19.5 - 179 / 12
    assert found.f == pytest.approx((explained / 2) / (rest / 6))
    assert found.effect == pytest.approx(explained / (explained + rest))
    assert found.df_between == pytest.approx(2 * found.epsilon)
    assert found.df_within == pytest.approx(6 * found.epsilon)


def test_of_two_models_it_is_the_paired_t_test():
    values = np.random.default_rng(0).random((30, 2))
    found = repeated_anova(values)
    expected = stats.ttest_rel(values[:, 0], values[:, 1])
    assert found.f == pytest.approx(expected.statistic**2)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.epsilon == pytest.approx(1)


def test_users_that_are_hard_for_all_count_for_nobody():
    values = np.random.default_rng(0).random((30, 3))
    hard = values + np.random.default_rng(1).normal(0, 100, (30, 1))
    assert repeated_anova(hard).f == pytest.approx(repeated_anova(values).f)
    assert one_way_anova(list(hard.T)).p > 0.9


def test_one_way_shares_the_variance():
    found = one_way_anova([np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])])
    assert found.effect == pytest.approx(13.5 / 17.5)
    assert (found.df_between, found.df_within) == (1, 4)


def test_models_that_are_all_the_same():
    assert repeated_anova(np.ones((5, 3))).f == 0
    assert repeated_anova(np.ones((5, 3))).p == 1
    assert repeated_anova(np.tile([1.0, 2.0, 3.0], (5, 1))).p == 0


def test_models_that_are_the_same_on_average_are_told_apart_in_one_case_of_twenty():
    generator = np.random.default_rng(0)
    deviation = np.array([1.0, 1.0, 5.0])  # pairs vary differently: what epsilon is for
    values = generator.normal(size=(RUNS, 40, 3)) * deviation + generator.normal(size=(RUNS, 40, 1))
    found = sum(repeated_anova(table).p < 0.05 for table in values)
    low, high = stats.binom.interval(0.999, RUNS, 0.05)
    assert low <= found <= high
