import numpy as np
import pytest

from mmgraph.serve.explanation import modalities, neighbors
from mmgraph.serve.features import FeatureTable


def test_neighbors_are_the_items_of_the_history_with_the_largest_cosine():
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((30, 5), dtype=np.float32)
    history = np.array([2, 5, 11, 17])
    cosine = {
        row: vectors[row] @ vectors[9] / np.linalg.norm(vectors[row]) / np.linalg.norm(vectors[9]) for row in history
    }
    found = neighbors(vectors, history, 9, count=2)
    assert found.items.tolist() == sorted(history, key=cosine.get, reverse=True)[:2]
    np.testing.assert_allclose(found.scores, sorted(cosine.values(), reverse=True)[:2], rtol=1e-5)


def test_an_item_is_no_neighbor_of_itself():
    assert neighbors(np.eye(3, dtype=np.float32), np.array([1]), 1, count=3).items.size == 0


def test_modalities_by_hand():
    x = np.array([[2, 0], [0, 3], [1, 1], [1, 0], [-1, 0]], dtype=np.float16)
    found = modalities({"text": FeatureTable(x)}, np.array([0, 1]), 2)["text"]
    assert found.cosine == pytest.approx(1.0, abs=1e-6)  # the history's mean direction is (1, 1)
    assert found.closer_than == 1.0
    far = modalities({"text": FeatureTable(x)}, np.array([0, 1]), 4)["text"]
    assert far.cosine == pytest.approx(-np.sqrt(0.5), abs=1e-6)
    assert far.closer_than == 0.0


@pytest.mark.parametrize("lacking", [{"item"}, {"history"}])
def test_who_lacks_a_modality_is_not_compared_in_it(lacking):
    x = np.array([[1.0, 0.0], [1.0, 1.0], [np.nan, np.nan], [0.0, 0.0]], dtype=np.float32)
    tables = {"image": FeatureTable(x), "text": FeatureTable(np.ones((4, 2)), np.array([True, True, False, False]))}
    history = np.array([2, 3]) if lacking == {"history"} else np.array([0])
    assert modalities(tables, history, 1 if lacking == {"history"} else 2) == {}


def test_no_history_is_near_to_nothing():
    nobody = np.empty(0, dtype=np.int64)
    assert modalities({"text": FeatureTable(np.eye(3))}, nobody, 1) == {}
    assert neighbors(np.eye(3), nobody, 1, count=3).items.size == 0


def test_of_many_items_a_sample_is_compared():
    x = np.random.default_rng(0).standard_normal((5000, 4))
    found = modalities({"text": FeatureTable(x)}, np.array([3]), 17)["text"]
    assert found.closer_than == pytest.approx(np.mean(_cosines(x, x[3]) < found.cosine), abs=0.05)


def _cosines(x, y):
    return x @ y / np.linalg.norm(x, axis=1) / np.linalg.norm(y)
