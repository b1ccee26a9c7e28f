import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmgraph.evidence.grouping import MOST_GROUPS, OTHERS, by_bounds, by_size, by_text, head_and_tail, warm_and_cold

COUNTS = st.lists(st.integers(0, 12), min_size=1, max_size=40).map(torch.tensor)


@given(COUNTS, st.integers(2, 6))
def test_groups_of_like_size_keep_equal_counts_together_and_in_order(counts, groups):
    found = by_size(counts, groups, of=torch.arange(counts.numel()))
    assert len(found.names) <= groups
    assert set(found.label.tolist()) == set(range(len(found.names)))
    for count in counts.unique():
        assert found.label[counts == count].unique().numel() == 1
    assert (found.label[counts.argsort()].diff() >= 0).all()


def test_groups_of_like_size_have_like_sizes():
    assert by_size(torch.arange(100), 4, of=torch.arange(100)).label.bincount().tolist() == [25] * 4


def test_only_the_nodes_asked_for_are_divided_evenly():
    found = by_size(torch.tensor([0, 0, 0, 0, 1, 2]), 2, of=torch.tensor([4, 5]))
    assert found.names == ["1", "2"]
    assert found.label.tolist() == [0, 0, 0, 0, 0, 1]


@given(COUNTS)
def test_bounds_are_the_largest_of_their_groups(counts):
    found = by_bounds(counts, [0, 4, 9])
    assert found.names == ["0", "1-4", "5-9", ">9"]
    expected = [0 if count == 0 else 1 if count <= 4 else 2 if count <= 9 else 3 for count in counts.tolist()]
    assert found.label.tolist() == expected


@pytest.mark.parametrize("bounds", [[], [5, 5], [9, 3], [-1, 4]])
def test_bounds_that_do_not_ascend_are_refused(bounds):
    with pytest.raises(ValueError, match="bins must be the largest count of each group, ascending"):
        by_bounds(torch.tensor([1]), bounds)


def test_one_group_is_none():
    with pytest.raises(ValueError, match="bins=1: there must be at least two groups"):
        by_size(torch.tensor([1]), 1, of=torch.tensor([0]))


def test_the_head_is_a_fifth_of_the_items():
    found = head_and_tail(torch.arange(50))
    assert found.label.bincount().tolist() == [10, 40]
    assert found.label[40:].unique().tolist() == [0]


def test_cold_is_without_a_train_interaction():
    assert warm_and_cold(torch.tensor([0, 1, 9])).label.tolist() == [1, 0, 0]


def test_rare_texts_are_others():
    texts = [str(number) for number in range(30) for _ in range(31 - number)]
    found = by_text([*texts, "", None])
    assert found.names == [*map(str, range(MOST_GROUPS - 1)), OTHERS]
    assert found.label[-2:].tolist() == [-1, -1]
    assert (found.label == MOST_GROUPS - 1).sum() == sum(31 - number for number in range(MOST_GROUPS - 1, 30))
