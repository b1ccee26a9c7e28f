import itertools

import pytest
import torch
from scipy.stats import chisquare

from mmgraph.loader.shuffled import hashed, shuffled


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 16, 17, 100, 1025])
def test_an_order_has_each_thing_once(size):
    for key in range(5):
        order = shuffled(torch.arange(size), size, key)
        assert torch.equal(order.sort().values, torch.arange(size))


def test_a_place_has_the_same_thing_whatever_else_is_asked_for():
    order = shuffled(torch.arange(1000), 1000, 3)
    some = torch.tensor([999, 0, 17, 17])
    assert torch.equal(shuffled(some, 1000, 3), order[some])


def test_orders_of_two_keys_have_as_little_in_common_as_two_by_chance():
    orders = [shuffled(torch.arange(10_000), 10_000, key) for key in range(20)]
    same = [int((a == b).sum()) for a, b in itertools.pairwise(orders)]
    assert sum(same) < 50  # 19 expected


def test_every_thing_is_at_every_place_equally_often():
    size, draws = 50, 4000
    first = torch.stack([shuffled(torch.tensor([0, 1, size - 1]), size, key) for key in range(draws)])
    for place in first.unbind(1):
        assert chisquare(torch.bincount(place, minlength=size)).pvalue > 1e-4
    steps = (first[:, 1] - first[:, 0]) % size  # two neighbours: any distance but 0
    assert chisquare(torch.bincount(steps, minlength=size)[1:]).pvalue > 1e-4


def test_hashed_numbers_are_uniform_in_their_lowest_and_highest_bits():
    numbers = hashed(torch.arange(100_000), 7)
    assert int(numbers.min()) >= 0
    for bits in (numbers % 100, numbers >> 56):
        assert chisquare(torch.bincount(bits)).pvalue > 1e-4
