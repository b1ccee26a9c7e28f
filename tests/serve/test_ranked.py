import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmgraph.serve.ranked import best

# Few values, hence many ties, and what a diverged model gives.
SCORES = arrays(np.float32, st.integers(1, 200), elements=st.sampled_from([-2.5, 0, 1, 3, np.nan, np.inf, -np.inf]))


@given(SCORES, st.integers(1, 250), st.data())
def test_the_best_are_those_of_a_full_sort(scores, k, data):
    gone = np.array(data.draw(st.lists(st.integers(0, scores.size - 1))), dtype=np.int64)
    left = [row for row in range(scores.size) if row not in gone and np.isfinite(scores[row])]
    expected = sorted(left, key=lambda row: (-scores[row], row))[:k]
    found = best(scores.copy(), k, left_out=[gone])
    assert found.items.tolist() == expected
    assert found.scores.tolist() == scores[expected].tolist()


def test_many_items():
    scores = np.random.default_rng(0).standard_normal(10_000).astype(np.float32)
    assert best(scores.copy(), 10).items.tolist() == np.argsort(-scores)[:10].tolist()
