import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmgraph.nn import find_sorted, ragged_rows


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 4)), max_size=6))
def test_places_of_ragged_rows_are_those_of_a_loop(rows):
    start, count = torch.tensor(rows, dtype=torch.long).view(-1, 2).T
    expected = [(row, first + step) for row, (first, length) in enumerate(rows) for step in range(length)]
    row, place = ragged_rows(start, count)
    assert list(zip(row.tolist(), place.tolist(), strict=True)) == expected


@settings(max_examples=50, deadline=None)
@given(st.sets(st.integers(0, 30), min_size=1), st.lists(st.integers(-1, 31), max_size=12))
def test_what_is_found_is_what_is_in_the_list(keys, wanted):
    ascending = torch.tensor(sorted(keys))
    values = torch.tensor(wanted, dtype=torch.long)
    place, found = find_sorted(ascending, values)
    assert found.tolist() == [value in keys for value in wanted]
    assert torch.equal(ascending[place[found]], values[found])
