import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmgraph.evaluation.pairs import PairSet

PAIRS = st.sets(st.tuples(st.integers(0, 4), st.integers(0, 6)))


def edges(pairs):
    return torch.tensor(list(pairs), dtype=torch.long).view(-1, 2).T


@given(first=PAIRS, second=PAIRS, asked=st.lists(st.integers(0, 4)))
@settings(max_examples=100, deadline=None)
def test_answers_like_a_python_set(first, second, asked):
    union = first | second
    pairs = PairSet.of([edges(first), edges(second)], num_users=5, num_items=7)
    user = torch.tensor(asked, dtype=torch.long)
    assert pairs.users().tolist() == sorted({u for u, _ in union})
    assert pairs.counts(user).tolist() == [sum(u == v for v, _ in union) for u in asked]
    row, item = pairs.entries(user)
    assert list(zip(row.tolist(), item.tolist(), strict=True)) == [
        (position, i) for position, u in enumerate(asked) for i in sorted(i for v, i in union if v == u)
    ]
    every_item = torch.arange(7).expand(len(asked), 7)
    assert pairs.contains(user, every_item).tolist() == [[(u, i) in union for i in range(7)] for u in asked]


@given(first=PAIRS, second=PAIRS)
@settings(max_examples=50, deadline=None)
def test_a_union_is_that_of_python_sets(first, second):
    sets = [PairSet.of([edges(part)], num_users=5, num_items=7) for part in (first, second)]
    expected = PairSet.of([edges(first | second)], num_users=5, num_items=7)
    for union in (sets, [*sets, sets[0]]):
        found = PairSet.union(union, num_users=5, num_items=7)
        assert torch.equal(found.key, expected.key)
        assert torch.equal(found.pointer, expected.pointer)
    assert PairSet.union([], num_users=5, num_items=7).users().tolist() == []


def test_keys_do_not_overflow_32_bits():
    pairs = PairSet.of([torch.tensor([[99_999], [99_998]])], num_users=100_000, num_items=100_000)
    user = torch.tensor([99_999])
    assert pairs.entries(user)[1].tolist() == [99_998]
    assert pairs.contains(user, torch.tensor([[99_998, 99_999]])).tolist() == [[True, False]]
