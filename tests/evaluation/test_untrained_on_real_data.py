"""Untrained baselines on the test split of lfm2k, beside what other code found with 2,000 users of the same files."""

import pytest

from mmgraph.datasets import MMRecFolder
from mmgraph.evaluation import Evaluator
from mmgraph.models import CEASE, EASE, ItemKNN, Popularity, Random

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def rank_lfm2k(real_data, tmp_path_factory):
    data = MMRecFolder(real_data / "lfm2k", modalities=["text"], cache_dir=tmp_path_factory.mktemp("cache"))[0]
    evaluator = Evaluator(data, metrics=["recall"], ks=[20])

    def rank(model, **options):
        return evaluator(model(data, **options), data, "test").metrics["recall@20"]

    return rank


def test_popularity(rank_lfm2k):
    assert rank_lfm2k(Popularity) == pytest.approx(0.122, abs=0.001)


def test_random(rank_lfm2k):
    """20 of the 1,425 items less the 24 that a user knows on average; other code: .015."""
    recall = [rank_lfm2k(Random, seed=seed) for seed in range(5)]
    assert sum(recall) / len(recall) == pytest.approx(20 / (1425 - 24), abs=0.0015)


@pytest.mark.parametrize(("knn_k", "shrink", "recall"), [(1425, 0.0, 0.385), (100, 10.0, 0.388), (100, 0.0, 0.397)])
def test_item_knn(rank_lfm2k, knn_k, shrink, recall):
    """Other code, without a limit of neighbours and without shrinkage: .385."""
    assert rank_lfm2k(ItemKNN, knn_k=knn_k, shrink=shrink) == pytest.approx(recall, abs=0.001)


@pytest.mark.parametrize(
    ("model", "settings", "recall"),
    [(EASE, {"l2_weight": 100.0}, 0.3955), (CEASE, {"l2_weight": 200.0, "weight": 60.0}, 0.4229)],
)
def test_linear_autoencoders(rank_lfm2k, model, settings, recall):
    """Other code, written by hand from the equations: .3955, and .4229 with text."""
    assert rank_lfm2k(model, **settings) == pytest.approx(recall, abs=0.0005)
