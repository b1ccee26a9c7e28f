import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmgraph.extension.sums import counts, pair_sums
from mmgraph.extension.taste import Taste


def random_choices(num_users=80, num_items=40, dim=4, noise=0.7, seed=0):
    """Users with a taste, items near tastes, and users' vectors that are a linear map of their taste."""
    generator = torch.Generator().manual_seed(seed)
    taste = torch.randn(num_users, dim, generator=generator)
    item = torch.randn(num_items, dim, generator=generator)
    near = taste @ item.T + noise * torch.randn(num_users, num_items, generator=generator)
    count = torch.randint(1, 9, (num_users,), generator=generator)
    rank = near.argsort(dim=1, descending=True).argsort(dim=1)
    edge_index = (rank < count.unsqueeze(1)).nonzero().T
    return taste @ torch.randn(dim, dim, generator=generator), item, edge_index


def dense_guess(user, item, edge_index, total, count):
    """Equation of the docstring, with dense matrices and loops."""
    user, item = user.double().numpy(), item.double().numpy()
    histories = [item[edge_index[1][edge_index[0] == u].numpy()] for u in range(len(user))]
    mean_item = np.stack([history.mean(0) for history in histories])
    deviations = np.concatenate([history - history.mean(0) for history in histories])
    within = deviations.T @ deviations / (len(deviations) - len(user))
    spread = np.cov(mean_item.T, bias=True)
    within += 1e-6 * (np.trace(within) + np.trace(spread)) / len(within) * np.eye(len(within))
    between = spread - within * np.mean([1 / len(history) for history in histories])
    shared = (mean_item - mean_item.mean(0)).T @ (user - user.mean(0)) / len(user)
    seen = total.numpy() / count - mean_item.mean(0)
    return seen @ np.linalg.solve(between + within / count, shared) + user.mean(0)


@pytest.mark.parametrize("count", [1, 3, 50])
def test_a_guess_is_that_of_the_equation(count):
    user, item, edge_index = random_choices()
    taste = Taste.fit(user, item, edge_index)
    assert (taste.signal > 0.2 * counts(edge_index[0], len(user)).reciprocal().mean()).all()  # none was lifted
    total = count * torch.randn(5, 4).double()
    found = taste.guess(total, torch.full((5,), float(count)).double())
    np.testing.assert_allclose(found, dense_guess(user, item, edge_index, total, count), rtol=1e-6)


def test_where_a_users_items_are_all_alike_the_relation_is_found_from_a_single_one():
    item = torch.randn(30, 3)
    matrix = torch.randn(3, 3)
    user = torch.arange(30)
    edge_index = torch.stack([user, user])
    taste = Taste.fit(item @ matrix, item, torch.cat([edge_index, edge_index], dim=1))
    other = torch.randn(6, 3)
    found = taste.guess(other.double(), torch.ones(6).double()).float()
    torch.testing.assert_close(found, other @ matrix, atol=1e-3, rtol=1e-3)


def test_a_user_without_items_gets_the_mean_users_vector():
    user, item, edge_index = random_choices()
    found = Taste.fit(user, item, edge_index).guess(torch.zeros(1, 4).double(), torch.zeros(1).double())
    torch.testing.assert_close(found[0].float(), user.mean(0))


def test_users_without_items_teach_nothing():
    user, item, edge_index = random_choices()
    total, count = torch.randn(3, 4).double(), torch.ones(3).double()
    expected = Taste.fit(user, item, edge_index).guess(total, count)
    more = torch.cat([user, 100 * torch.ones(7, 4)])
    torch.testing.assert_close(Taste.fit(more, item, edge_index).guess(total, count), expected)


def test_a_longer_history_of_the_same_mean_is_trusted_more():
    user, item, edge_index = random_choices()
    taste = Taste.fit(user, item, edge_index)
    mean = torch.randn(1, 4).double()
    away = [taste.guess(n * mean, torch.tensor([float(n)]).double()) - taste.mean for n in (1, 5, 50)]
    assert away[0].norm() < away[1].norm() < away[2].norm()


@settings(deadline=None)
@given(seed=st.integers(0, 1000), dim=st.integers(1, 6), num_users=st.integers(1, 12))
def test_few_users_and_vectors_of_any_size_give_finite_guesses(seed, dim, num_users):
    user, item, edge_index = random_choices(num_users, 8, dim, seed=seed)
    taste = Taste.fit(user, item, edge_index)
    count = counts(edge_index[0], num_users)
    assert taste.guess(pair_sums(item, edge_index[1], edge_index[0], num_users), count).isfinite().all()


def test_vectors_that_are_all_equal():
    user, item, edge_index = random_choices()
    taste = Taste.fit(torch.ones_like(user), torch.ones_like(item), edge_index)
    found = taste.guess(torch.ones(1, 4).double(), torch.ones(1).double())
    torch.testing.assert_close(found, torch.ones(1, 4).double())
