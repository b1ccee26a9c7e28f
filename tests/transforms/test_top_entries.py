import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mmgraph.transforms import top_entries


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 6)), st.integers(1, 3)), st.integers(1, 3))
def test_equals_sorting_each_row(entries, k):
    row, col = np.array(list(entries), dtype=np.int64).reshape(-1, 2).T
    weight = np.array(list(entries.values()), dtype=np.float64)
    expected = []
    for number in range(5):
        of_row = [(-value, column) for (r, column), value in entries.items() if r == number]
        expected += [(number, column, -value) for value, column in sorted(of_row)[:k]]
    assert list(zip(*(x.tolist() for x in top_entries(row, col, weight, k)), strict=True)) == expected
