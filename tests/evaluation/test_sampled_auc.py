import numpy as np
import pytest
import torch

from mmgraph.evaluation import Evaluator
from mmgraph.evaluation.pairs import PairSet
from mmgraph.evaluation.sampled_auc import draw_negatives, sampled_auc
from mmgraph.typing import INTERACTS
from tests.evaluation.conftest import TableModel, labelled, random_labelled

USERS, ITEMS = 30, 50


@pytest.fixture
def data():
    return random_labelled(USERS, ITEMS, seed=2)


def pair_sets(data):
    store = data[INTERACTS]
    return (
        PairSet.of([edges], num_users=USERS, num_items=ITEMS)
        for edges in (store.edge_index, store.test_edge_label_index)
    )


def positives(data):
    store = data[INTERACTS]
    table = torch.zeros(USERS, ITEMS, dtype=torch.bool)
    table[tuple(store.edge_index)] = True
    table[tuple(store.test_edge_label_index)] = True
    return table


def test_equals_numpy_pair_by_pair(data):
    """With scores of few values, so that there are ties."""
    known, targets = pair_sets(data)
    generator = np.random.default_rng(0)
    scores = generator.integers(0, 6, (USERS, ITEMS)).astype("float32")
    user = torch.arange(USERS)
    drawn, right = draw_negatives(positives(data), user, 20, seed=5)
    assert right.all()
    found = sampled_auc(torch.from_numpy(scores), user, known=known, targets=targets, ks=[3, 20], seed=5)
    test = set(map(tuple, data[INTERACTS].test_edge_label_index.T.tolist()))
    for column, k in enumerate([3, 20]):
        for u in range(USERS):
            own = [i for i in range(ITEMS) if (u, i) in test]
            wins = [np.heaviside(scores[u, i] - scores[u, j], 0.5) for i in own for j in drawn[u, :k].tolist()]
            assert float(found[u, column]) == pytest.approx(np.mean(wins) if wins else 0.5, abs=1e-12)


def test_negatives_are_drawn_evenly_from_what_a_user_does_not_have():
    positive = torch.zeros(4, 10, dtype=torch.bool)
    positive[:, :5] = True
    drawn, right = draw_negatives(positive, torch.tensor([0, 1, 2, 10**12]), 5000, seed=0)
    assert right.all()
    for row in drawn:
        counts = torch.bincount(row, minlength=10)
        assert counts[:5].sum() == 0
        assert ((counts[5:] - 1000).abs() < 5 * (1000 * 0.8) ** 0.5).all(), counts
    rows = drawn.float()
    together = torch.corrcoef(rows)
    assert (together - torch.eye(4)).abs().max() < 0.08, "one user's draws say nothing of another's"


def test_draws_depend_on_seed_and_user_only():
    positive = torch.rand(6, 40, generator=torch.Generator().manual_seed(0)) < 0.5
    user = torch.tensor([7, 3, 9, 0, 2, 5])
    drawn, _ = draw_negatives(positive, user, 30, seed=1)
    part, _ = draw_negatives(positive[2:4], user[2:4], 10, seed=1)
    assert torch.equal(part, drawn[2:4, :10])
    other, _ = draw_negatives(positive, user, 30, seed=2)
    assert not torch.equal(other, drawn)


def test_who_has_everything_has_no_negative():
    pairs = PairSet.of([torch.tensor([[0, 0], [0, 1]])], num_users=2, num_items=2)
    none = PairSet.of([], num_users=2, num_items=2)
    found = sampled_auc(torch.rand(2, 2), torch.arange(2), known=none, targets=pairs, ks=[4], seed=0)
    assert found.tolist() == [[0.5], [0.5]], "no negative, and no target"


def test_best_worst_and_blind_scores():
    data = labelled(2, 30, train=[(0, 0), (1, 1)], val=[(0, 2), (1, 3)], test=[(0, 2), (1, 3)])
    right = torch.zeros(2, 30)
    right[0, 2] = right[1, 3] = 1
    for scores, value in ((right, 1.0), (-right, 0.0), (torch.zeros(2, 30), 0.5)):
        evaluation = Evaluator(data, metrics=["sampled_auc"], ks=[10])(TableModel(data, scores), data, "test")
        assert evaluation.metrics == {"sampled_auc@10": value}


@pytest.mark.parametrize("chunk_size", [1, 7, 32])
def test_the_evaluator_gives_it_for_each_user(data, chunk_size):
    generator = torch.Generator().manual_seed(3)
    model = TableModel(data, torch.rand(USERS, ITEMS, generator=generator))
    found = {}
    for size in (chunk_size, 256):
        evaluator = Evaluator(data, metrics=["recall", "sampled_auc"], ks=[5, 20], seed=4, chunk_size=size)
        found[size] = evaluator(model, data, "test")
    evaluation = found[chunk_size]
    assert list(evaluation.metrics) == ["recall@5", "recall@20", "sampled_auc@5", "sampled_auc@20"]
    for name, values in found[256].per_user.items():
        assert torch.equal(values, evaluation.per_user[name]), name
    known, targets = pair_sets(data)
    scores = model.scores[evaluation.user].clone()
    scores[known.entries(evaluation.user)] = -torch.inf
    alone = sampled_auc(scores, evaluation.user, known=known, targets=targets, ks=[5, 20], seed=4)
    assert torch.equal(alone[:, 1], evaluation.per_user["sampled_auc@20"])
