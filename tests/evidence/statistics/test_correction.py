import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mmgraph.evidence.statistics import benjamini_hochberg, holm

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=8).map(np.array)
RUNS, TESTS, NULL = 1000, 12, 8


def stepwise_holm(p, level):
    """Holm's procedure as he wrote it: from the smallest on, until one is not below its share of the level."""
    rejected = np.zeros(p.size, dtype=bool)
    for step, place in enumerate(np.argsort(p)):
        if p[place] > level / (p.size - step):
            break
        rejected[place] = True
    return rejected


@given(P_VALUES, st.sampled_from([0.01, 0.05, 0.2]))
def test_holm_rejects_what_its_steps_reject(p, level):
    adjusted = holm(p)
    clear = np.abs(adjusted - level) > 1e-12
    assert ((adjusted <= level) == stepwise_holm(p, level))[clear].all()


@given(P_VALUES)
def test_corrections_make_nothing_smaller_and_keep_the_order(p):
    order = np.argsort(p, kind="stable")
    for adjusted in (holm(p), benjamini_hochberg(p)):
        assert (adjusted >= p - 1e-15).all()
        assert (adjusted <= 1).all()
        assert (np.diff(adjusted[order]) >= -1e-15).all()
    assert (benjamini_hochberg(p) <= holm(p) + 1e-12).all()


@pytest.fixture(scope="module")
def tables():
    """The p of tests that share a baseline, the first ones of no difference."""
    generator = np.random.default_rng(0)
    baseline = generator.normal(size=(RUNS, 1))
    effect = np.array([0.0] * NULL + [4.0] * (TESTS - NULL))
    z = (generator.normal(size=(RUNS, TESTS)) + baseline) / np.sqrt(2) + effect
    return 2 * stats.norm.sf(np.abs(z))


def test_holm_keeps_the_chance_of_any_false_finding(tables):
    false = np.apply_along_axis(holm, 1, tables)[:, :NULL] < 0.05
    assert false.any(axis=1).sum() <= stats.binom.ppf(0.999, RUNS, 0.05)
    assert (tables[:, :NULL] < 0.05).any(axis=1).mean() > 0.15  # without a correction it is no such thing


def test_benjamini_and_hochberg_keep_the_share_of_false_findings(tables):
    found = np.apply_along_axis(benjamini_hochberg, 1, tables) < 0.05
    share = found[:, :NULL].sum(axis=1) / found.sum(axis=1).clip(min=1)
    assert share.mean() <= 0.05 * NULL / TESTS + 3 * share.std() / np.sqrt(RUNS)
    assert found[:, NULL:].mean() > (np.apply_along_axis(holm, 1, tables) < 0.05)[:, NULL:].mean()
