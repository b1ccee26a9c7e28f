"""Every formula against NumPy, list by list and pair by pair; personalization against PyG's, which compares pairs."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.metrics import LinkPredPersonalization

from mmgraph.evaluation import exposure
from mmgraph.evaluation.exposure import EXPOSURE, Items, gini, novelty, personalization, tail_coverage


def drawn(num_users, num_items, k, seed, *, short=False):
    """Lists, popularities, and the lists as Python has them."""
    generator = np.random.default_rng(seed)
    lists = np.stack([generator.permutation(num_items)[:k] for _ in range(num_users)])
    if short:
        for row, length in zip(lists, generator.integers(0, k + 1, num_users), strict=True):
            row[length:] = -1
    degree = generator.integers(0, 9, num_items)
    plain = [[int(item) for item in row if item >= 0] for row in lists]
    return torch.from_numpy(lists).int(), Items(torch.from_numpy(degree).float(), num_users), plain


def gini_by_pairs(plain, degree):
    """Half the relative mean difference between two items."""
    counts = [sum(item in items for items in plain) for item in range(len(degree))]
    total = sum(counts)
    gaps = sum(abs(one - other) for one, other in itertools.product(counts, counts))
    return gaps / (2 * len(counts) * total) if total else 0.0


def tail_by_hand(plain, degree):
    outside = sorted(degree, reverse=True)[len(degree) // 5]
    tail = {item for item, count in enumerate(degree) if count <= outside}
    return len(tail & set(itertools.chain(*plain))) / len(tail)


def novelty_by_hand(plain, degree, num_users):
    means = [np.mean([-math.log2(max(degree[item], 1) / num_users) for item in items]) for items in plain if items]
    return float(np.mean(means)) if means else 0.0


def personalization_by_pairs(plain):
    lists = [set(items) for items in plain if items]
    unlike = [1 - len(a & b) / math.sqrt(len(a) * len(b)) for a, b in itertools.combinations(lists, 2)]
    return float(np.mean(unlike)) if unlike else 0.0


@given(
    num_users=st.integers(1, 12), num_items=st.integers(2, 15), seed=st.integers(0, 10**6), short=st.booleans(),
    data=st.data(), block=st.sampled_from([1, 5, 4096]),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_equals_numpy(num_users, num_items, seed, short, data, block):
    k = data.draw(st.integers(1, num_items))
    lists, items, plain = drawn(num_users, num_items, k, seed, short=short)
    degree = items.degree.int().tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exposure, "BLOCK_LISTS", block)
        found = {name: metric(lists, items) for name, metric in EXPOSURE.items()}
    assert found == pytest.approx(
        {
            "gini": gini_by_pairs(plain, degree),
            "tail_coverage": tail_by_hand(plain, degree),
            "novelty": novelty_by_hand(plain, degree, num_users),
            "personalization": personalization_by_pairs(plain),
        },
        abs=1e-12,
    )


def test_personalization_equals_pyg():
    lists, items, _ = drawn(40, 25, 6, seed=0)
    oracle = LinkPredPersonalization(6, max_src_nodes=None)
    oracle.update(lists.long(), torch.empty(2, 0))
    assert personalization(lists, items) == pytest.approx(float(oracle.compute()), rel=1e-6)


def test_the_ends_of_each_scale():
    alike = torch.tensor([[0, 1]] * 4)
    apart = torch.tensor([[0, 1], [2, 3], [4, 5], [6, 7]])
    items = Items(torch.ones(8), num_users=4)
    assert [gini(apart, items), gini(alike, items)] == [0.0, 1 - 2 / 8]
    assert [personalization(alike, items), personalization(apart, items)] == pytest.approx([0.0, 1.0])
    assert [tail_coverage(apart, items), tail_coverage(alike, items)] == [1.0, 2 / 8], "equally popular: all are tail"
    assert novelty(alike, items) == 2.0
    assert novelty(alike, Items(torch.full((8,), 4.0), num_users=4)) == 0.0


def test_the_numbers_of_items_do_not_matter():
    lists, items, _ = drawn(20, 12, 5, seed=1)
    order = torch.randperm(12, generator=torch.Generator().manual_seed(0))
    degree = torch.empty(12)
    degree[order] = items.degree
    renamed = order[lists.long()].int()
    for name, metric in EXPOSURE.items():
        assert metric(renamed, Items(degree, 20)) == pytest.approx(metric(lists, items), abs=1e-12), name


def test_nobody_has_a_list():
    items = Items(torch.ones(3), num_users=2)
    found = {name: metric(torch.full((2, 2), -1), items) for name, metric in EXPOSURE.items()}
    assert found == {"gini": 0.0, "tail_coverage": 0.0, "novelty": 0.0, "personalization": 0.0}
