import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmgraph.datasets.filters import k_core, keep_rated
from mmgraph.datasets.interactions import Interactions


def interactions(pairs, **columns) -> Interactions:
    user, item = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2).T
    return Interactions(user, item, int(user.max()) + 1, int(item.max()) + 1, **columns)


def core_by_hand(pairs: set[tuple[int, int]], k: int) -> set[tuple[int, int]]:
    """Drops one user or item at a time, in plain Python."""
    while True:
        users, items = [u for u, _ in pairs], [i for _, i in pairs]
        weak = {(u, i) for u, i in pairs if users.count(u) < k or items.count(i) < k}
        if not weak:
            return pairs
        pairs = pairs - {min(weak)}


@given(st.sets(st.tuples(st.integers(0, 8), st.sampled_from([0, 1, 2, 5, 6, 40])), min_size=1), st.integers(1, 4))
def test_k_core_is_the_largest_fixpoint(pairs, k):
    expected = core_by_hand(pairs, k)
    if not expected:
        with pytest.raises(ValueError, match=f"k_core={k}: no interaction is left"):
            k_core(interactions(pairs), k=k)
        return
    core = k_core(interactions(pairs), k=k)
    assert set(zip(core.raw_user[core.user].tolist(), core.raw_item[core.item].tolist(), strict=True)) == expected
    assert np.bincount(core.user, minlength=core.num_users).min() >= k
    assert np.bincount(core.item, minlength=core.num_items).min() >= k
    again = k_core(core, k=k)
    np.testing.assert_array_equal(again.user, core.user)
    np.testing.assert_array_equal(again.raw_item, core.raw_item)


def test_k_core_carries_columns_along():
    table = interactions([(0, 0), (0, 1), (1, 0), (1, 1), (2, 2)], timestamp=np.arange(5.0))
    assert k_core(table, k=2).timestamp.tolist() == [0, 1, 2, 3]


def test_k_must_be_positive():
    with pytest.raises(ValueError, match="k_core=0: must be at least 1"):
        k_core(interactions([(0, 0)]), k=0)


def test_keep_rated():
    table = interactions([(0, 0), (0, 1), (1, 1)], rating=np.array([3.0, 4.0, 5.0]))
    kept = keep_rated(table, min_rating=4)
    assert kept.item.tolist() == [1, 1]
    assert (kept.num_users, kept.num_items) == (2, 2)
    with pytest.raises(ValueError, match="no interaction is left; the highest rating is 5"):
        keep_rated(table, min_rating=6)
    with pytest.raises(ValueError, match="the file has no rating column"):
        keep_rated(interactions([(0, 0)]), min_rating=4)
