import numpy as np
import pytest
import torch

from mmgraph.extension import Histories
from mmgraph.models.scoring import InnerProduct
from mmgraph.serve.index import ItemIndex
from mmgraph.serve.ranked import best
from mmgraph.serve.rankers import VectorRanker
from mmgraph.typing import Encoding

pytest.importorskip("faiss")


@pytest.fixture(scope="module")
def vectors():
    """Clustered, as those of a trained model are."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((20, 16), dtype=np.float32)
    items = centres[rng.integers(20, size=3000)] + 0.3 * rng.standard_normal((3000, 16), dtype=np.float32)
    users = centres[rng.integers(20, size=50)] + 0.3 * rng.standard_normal((50, 16), dtype=np.float32)
    return users.astype(np.float32), items.astype(np.float32)


@pytest.fixture(scope="module")
def index(vectors):
    users, items = vectors
    return ItemIndex(items, users)


def ranker(users, items, index):
    """One that is asked for users alone."""
    encoding = Encoding(torch.from_numpy(users), torch.from_numpy(items))
    return VectorRanker(users, items, Histories(InnerProduct(), encoding, torch.zeros(2, 1, dtype=torch.long)), index)


def test_it_reaches_the_recall_that_it_reports(vectors, index):
    users, items = vectors
    found = [index.search(user, 20, left_out=[]).items for user in users]
    exact = [best(items @ user, 20).items for user in users]
    recall = np.mean([np.isin(a, b).mean() for a, b in zip(exact, found, strict=True)])
    assert index.recall >= 0.95
    assert recall == pytest.approx(index.recall, abs=0.02)


def test_known_and_denied_items_are_fetched_beyond(vectors, index):
    users, items = vectors
    by_index = ranker(users, items, index)
    first = by_index.for_users(np.array([0]), 30, [[]])[0].items
    found = by_index.for_users(np.array([0]), 10, [[first[:10], first[10:20]]])[0]
    assert found.items.tolist() == first[20:].tolist()
    np.testing.assert_allclose(found.scores, items[found.items] @ users[0], rtol=1e-5)


def test_where_too_few_are_found_all_are_looked_at(vectors, index):
    users, items = vectors
    assert index.search(users[0], len(items), left_out=[]) is None
    found = ranker(users, items, index).for_users(np.array([0]), len(items), [[]])[0]
    assert found.items.size == len(items)


def test_whoever_has_very_much_is_ranked_exactly(vectors, index):
    users, items = vectors
    gone = np.argsort(-(items @ users[0]))[:2995]
    found = ranker(users, items, index).for_users(np.array([0]), 10, [[gone]])[0]
    assert sorted(found.items) == sorted(set(range(3000)) - set(gone.tolist()))


def test_few_items_have_few_cells():
    x = np.eye(5, dtype=np.float32)
    assert ItemIndex(x, x).search(x[2], 1, left_out=[]).items.tolist() == [2]
