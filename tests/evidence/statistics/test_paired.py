import numpy as np
import pytest
from scipy import stats

from mmgraph.evidence.statistics import (
    TESTS,
    bootstrap_mean,
    detectable_difference,
    effect_size,
    paired_difference,
    sign_flip_p,
    t_p,
    wilcoxon_p,
)

SHARES = [0, 0, 0, 0.2, 0.25, 0.5, 1]
RUNS = 400


def recalls(generator, *size):
    """What recall is like: most users have nothing, the others a few shares."""
    return generator.choice(SHARES, size=size)


def test_hand_computed_differences():
    found = paired_difference(np.array([0.5, 0.5, 1.0, 0.0]), np.array([0.0, 0.5, 0.5, 0.0]))
    assert found.difference == 0.25
    assert found.relative == 1.0
    deviation = np.sqrt((0.25**2 * 4) / 3)
    assert found.effect == pytest.approx(0.25 / deviation)
    assert found.detectable == pytest.approx((1.95996 + 0.84162) * deviation / 2, abs=1e-5)
    assert found.low <= found.difference <= found.high
    assert list(found.p) == ["t", "wilcoxon", "bootstrap"]


def test_the_t_test_is_that_of_two_related_samples():
    one, other = np.random.default_rng(0).random((2, 50))
    assert t_p(one - other) == pytest.approx(stats.ttest_rel(one, other).pvalue)


def test_flipped_signs_are_those_of_all_flips():
    difference = np.array([0.5, -0.1, 0.4, 0.3, 0.0, 0.2, 0.1, -0.2])
    means = [np.array([1 - 2 * (flips >> bit & 1) for bit in range(8)]) @ difference for flips in range(256)]
    exact = np.mean(np.abs(means) >= difference.sum() - 1e-12)
    assert sign_flip_p(difference) == pytest.approx(exact, abs=0.015)


def test_the_bootstrap_is_that_of_a_normal_mean_where_users_are_many():
    difference = np.random.default_rng(0).normal(0.1, 1, 2000)
    found = bootstrap_mean(difference)
    half = 1.96 * difference.std() / np.sqrt(2000)
    assert found.low == pytest.approx(difference.mean() - half, abs=0.003)
    assert found.high == pytest.approx(difference.mean() + half, abs=0.003)
    assert found.p == pytest.approx(t_p(difference), abs=0.01)
    assert found == bootstrap_mean(difference)


def test_the_batches_of_resampling_change_nothing(monkeypatch):
    difference = np.random.default_rng(0).normal(0.05, 1, 300)
    whole = bootstrap_mean(difference), sign_flip_p(difference)
    monkeypatch.setattr("mmgraph.evidence.statistics.resampling._HELD", 30_000)
    assert bootstrap_mean(difference) == whole[0]
    assert sign_flip_p(difference) == pytest.approx(whole[1], abs=0.02)


@pytest.mark.parametrize("test", TESTS)
def test_models_that_are_equal_for_every_user(test):
    assert TESTS[test](np.zeros(20)) == 1.0


def test_equal_models_have_no_effect():
    found = paired_difference(np.zeros(5), np.zeros(5))
    assert (found.difference, found.relative, found.effect, found.detectable) == (0, None, 0, 0)
    assert (found.low, found.high) == (0, 0)


@pytest.mark.parametrize("test", TESTS)
def test_a_side_has_no_say(test):
    difference = recalls(np.random.default_rng(0), 200) - 0.25
    assert TESTS[test](difference) == pytest.approx(TESTS[test](-difference), abs=0.02)


def test_users_without_a_difference_count_for_ranks():
    difference = np.concatenate([np.zeros(80), np.full(12, 0.5), np.full(4, -0.25)])
    pratt = stats.wilcoxon(difference, zero_method="pratt", method="approx").pvalue
    assert wilcoxon_p(difference) == pratt


def test_different_users_are_refused():
    with pytest.raises(ValueError, match="the same two users or more, got 3 and 2"):
        paired_difference(np.zeros(3), np.zeros(2))
    with pytest.raises(ValueError, match="two users or more"):
        paired_difference(np.zeros(1), np.zeros(1))


def times_found(test, effect=0.0, users=120, runs=RUNS):
    """How often a test finds something at 5%."""
    one, other = recalls(np.random.default_rng(0), 2, runs, users)
    return sum(test(a - b + effect) < 0.05 for a, b in zip(one, other, strict=True))


def few_resamples(difference):
    return bootstrap_mean(difference, resamples=999).p


def few_flips(difference):
    return sign_flip_p(difference, resamples=999)


@pytest.mark.parametrize("test", [t_p, wilcoxon_p, few_resamples, few_flips])
def test_of_models_that_are_the_same_one_in_twenty_is_told_apart(test):
    low, high = stats.binom.interval(0.999, RUNS, 0.05)
    assert low <= times_found(test) <= high


def test_the_detectable_difference_is_found_in_four_of_five_cases():
    one, other = recalls(np.random.default_rng(1), 2, 1_000_000)
    difference = one - other
    effect = detectable_difference(difference) * np.sqrt(difference.size / 400)
    runs = 1000
    low, high = stats.binom.interval(0.999, runs, 0.8)
    assert low <= times_found(t_p, effect, users=400, runs=runs) <= high
    assert effect_size(difference + effect) * np.sqrt(400) == pytest.approx(2.80, abs=0.03)


def test_the_interval_holds_the_truth_in_nineteen_of_twenty_cases():
    generator = np.random.default_rng(2)
    found = [bootstrap_mean(recalls(generator, 120), resamples=999) for _ in range(RUNS)]
    held = sum(interval.low <= np.mean(SHARES) <= interval.high for interval in found)
    low, high = stats.binom.interval(0.999, RUNS, 0.95)
    assert low <= held <= high
