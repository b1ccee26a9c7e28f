import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmgraph.evaluation.pairs import PairSet
from mmgraph.models.scoring import InnerProduct
from mmgraph.pipeline.lists import Choice, best_lists
from mmgraph.typing import Encoding


def encoding(users, items, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return Encoding(torch.randn(users, 4, generator=generator), torch.randn(items, 4, generator=generator))


def known(*pairs, users, items):
    edges = torch.tensor(pairs).T if pairs else torch.empty(2, 0, dtype=torch.long)
    return PairSet.of([edges], num_users=users, num_items=items)


def collected(vectors, rows, choice, k):
    chunks = list(best_lists(InnerProduct(), vectors, rows, choice, k=k))
    return torch.cat([scores for _, scores, _ in chunks]), torch.cat([items for _, _, items in chunks])


def by_hand(scores, allowed, group, at_most, k):
    """The list that one gets by walking down the ranking."""
    found, taken = [], {}
    for item in scores.argsort(descending=True).tolist():
        kind = int(group[item])
        if allowed[item] and taken.get(kind, 0) < at_most and len(found) < k:
            found.append(item)
            taken[kind] = taken.get(kind, 0) + 1
    return found + [-1] * (k - len(found))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 30), st.integers(1, 40), st.integers(1, 6), st.integers(1, 4), st.integers(1, 12), st.integers(0, 99)
)
def test_lists_with_few_of_a_category_are_those_of_walking_down(users, items, groups, at_most, k, seed):
    vectors = encoding(users, items, seed)
    generator = torch.Generator().manual_seed(seed)
    group = torch.randint(groups, (items,), generator=generator)
    left_out = torch.rand(items, generator=generator) < 0.2
    pairs = [(user, (user * 7 + step) % items) for user in range(users) for step in range(min(items, 3))]
    k = min(k, items)
    choice = Choice(known(*pairs, users=users, items=items), left_out, group, at_most)
    scores, found = collected(vectors, torch.arange(users), choice, k)
    for user in range(users):
        allowed = ~left_out
        allowed[[item for owner, item in pairs if owner == user]] = False
        every = vectors.user[user] @ vectors.item.T
        assert found[user].tolist() == by_hand(every, allowed, group, at_most, k)
        torch.testing.assert_close(scores[user][found[user] >= 0], every[found[user][found[user] >= 0]])
        assert scores[user][found[user] < 0].isneginf().all()


def test_a_category_that_fills_all_first_places_is_looked_behind():
    """The fetch is enlarged until something else is found, or nothing is left."""
    vectors = Encoding(torch.ones(3, 1), torch.arange(2000.0, 0, -1).unsqueeze(1))
    group = torch.zeros(2000, dtype=torch.long)
    group[1999] = 1
    choice = Choice(known(users=3, items=2000), None, group, at_most=1)
    _, found = collected(vectors, torch.arange(3), choice, k=2)
    assert found.tolist() == [[0, 1999]] * 3


def test_more_users_than_are_ranked_at_once():
    vectors = encoding(700, 50)
    rows = torch.arange(699, -1, -1)
    choice = Choice(known((0, 3), users=700, items=50), torch.arange(50) % 5 == 0)
    chunks = list(best_lists(InnerProduct(), vectors, rows, choice, k=4))
    assert [part.stop for part, _, _ in chunks] == [256, 512, 700]
    scores = vectors.user @ vectors.item.T
    scores[:, ::5] = -torch.inf
    scores[0, 3] = -torch.inf
    expected = scores[rows].topk(4)
    torch.testing.assert_close(torch.cat([found for _, found, _ in chunks]), expected.values)
    assert torch.equal(torch.cat([items for _, _, items in chunks]), expected.indices)


def test_nothing_of_the_caller_is_changed_between_chunks():
    for _ in best_lists(InnerProduct(), encoding(300, 5), torch.arange(300), Choice(known(users=300, items=5)), k=2):
        assert torch.is_grad_enabled()


@pytest.mark.parametrize("k", [1, 5])
def test_a_user_who_has_all_gets_nothing(k):
    choice = Choice(known(*((0, item) for item in range(5)), users=2, items=5))
    _, found = collected(encoding(2, 5), torch.tensor([0]), choice, k)
    assert found.tolist() == [[-1] * k]
