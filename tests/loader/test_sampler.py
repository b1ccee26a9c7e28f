import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmgraph.loader import NegativeSampler


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 8), st.integers(2, 8), st.integers(1, 3), st.integers(0, 99))
def test_negatives_are_seen_items_that_the_user_did_not_choose(num_users, num_items, num_negatives, seed):
    torch.manual_seed(seed)
    chosen = torch.rand(num_users, num_items) < 0.5
    chosen[:, 0] = False
    chosen[0, 0], chosen[0, 1:] = True, False
    chosen[0, 1] = num_items > 2 and bool(chosen[1:, 1].any())
    seen = chosen.any(0)
    chosen[chosen.sum(1) >= seen.sum()] = False
    seen = chosen.any(0)
    if not chosen.any() or bool((chosen.sum(1) >= seen.sum()).any()):
        return
    sampler = NegativeSampler(chosen.nonzero().T, num_users=num_users, num_items=num_items)
    users = torch.randint(num_users, (50,))
    negatives = sampler(users, num_negatives).view(50, num_negatives)
    assert seen[negatives].all()
    assert not chosen[users.unsqueeze(1).expand_as(negatives), negatives].any()


def test_every_allowed_item_is_drawn_equally_often():
    sampler = NegativeSampler(torch.tensor([[0, 1, 1, 1], [0, 1, 2, 3]]), num_users=2, num_items=6)
    counts = torch.bincount(sampler(torch.zeros(3000, dtype=torch.long), 1), minlength=6)
    assert counts[[0, 4, 5]].sum() == 0, "item 0 is the user's, items 4 and 5 were never seen"
    assert counts[1:4].min() > 900


def test_a_user_with_every_item_and_no_interactions_are_errors():
    with pytest.raises(ValueError, match="user 1 interacted with all 2 items"):
        NegativeSampler(torch.tensor([[0, 1, 1], [0, 0, 1]]), num_users=2, num_items=5)
    with pytest.raises(ValueError, match="no train interactions"):
        NegativeSampler(torch.empty(2, 0, dtype=torch.long), num_users=2, num_items=5)


@pytest.mark.parametrize("density", [0.01, 0.5])
def test_a_pair_is_positive_if_it_is_a_train_pair_whatever_shares_its_mark(density):
    chosen = torch.rand(60, 40, generator=torch.Generator().manual_seed(0)) < density
    sampler = NegativeSampler(chosen.nonzero().T, num_users=60, num_items=40)
    users, items = torch.arange(60).unsqueeze(1).expand(60, 40), torch.arange(40).expand(60, 40)
    assert torch.equal(sampler.is_positive(users, items), chosen)
