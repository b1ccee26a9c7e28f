import numpy as np
import pytest
import torch

import mmgraph as mm
from mmgraph.pipeline.result import Run
from mmgraph.serve.open_run import open_run
from mmgraph.serve.rankers import NotOfferedError
from tests.serve.conftest import served_run


def test_a_history_is_ranked_by_the_vector_that_the_extension_makes_of_it():
    run = served_run()
    history = np.array([3, 7])
    found = run.for_histories([np.array([1]), history], 5)[1]
    vector = run.ranker.histories.encode(torch.tensor([[0, 0], [3, 7]]), 1).user[0].numpy()
    scores = run.vectors @ vector
    scores[history] = -np.inf
    assert found.items.tolist() == np.argsort(-scores)[:5].tolist()
    np.testing.assert_allclose(found.scores, np.sort(scores)[::-1][:5], rtol=1e-5)


def test_known_and_denied_items_are_left_out():
    run = served_run(num_items=12)
    everything = run.for_users(np.array([0]), 12, known=True)[0].items
    assert sorted(everything) == list(range(12))
    denied = everything[:2]
    found = run.for_users(np.array([0]), 12, denied=denied)[0].items
    assert sorted(found) == sorted(set(range(12)) - set(run.history(0)) - set(denied))


def test_lists_do_not_depend_on_the_batch():
    run = served_run()
    rows = np.arange(20)
    together = run.for_users(rows, 7)
    for row, found in zip(rows, together, strict=True):
        alone = run.for_users(np.array([row]), 7)[0]
        assert found.items.tolist() == alone.items.tolist()


@pytest.mark.parametrize("model", ["mf_bpr", "item_knn", "cease", "nsmar_plus", "popularity", "fism", "random"])
def test_lists_are_those_of_the_run(model, tmp_path):
    data = mm.Synthetic(num_users=60, num_items=60)
    run = mm.run(model, data, max_epochs=1, folder=tmp_path / "run", verbose=False)
    expected = run.recommend(list(range(60)), k=5)
    served = open_run(tmp_path / "run")
    lists = served.for_users(np.arange(60), 5)
    scores = torch.stack([torch.from_numpy(np.array(found.scores)) for found in lists])
    torch.testing.assert_close(scores, expected.scores, rtol=1e-4, atol=1e-5)
    if model == "random":
        with pytest.raises(NotOfferedError, match="a history says nothing to this run's model"):
            served.for_histories([np.array([1, 2])], 3)
        return
    histories = [[1, 2], [30], []]
    expected = run.recommend(histories=histories, k=5)
    lists = served.for_histories([np.array(rows, dtype=np.int64) for rows in histories], 5)
    scores = torch.stack([torch.from_numpy(np.array(found.scores)) for found in lists])
    torch.testing.assert_close(scores, expected.scores, rtol=1e-4, atol=1e-5)


def test_similar_items_are_those_of_the_run(tmp_path):
    run = mm.run(
        "mf_bpr", mm.Synthetic(num_users=60, num_items=60), max_epochs=1, folder=tmp_path / "run", verbose=False
    )
    expected = Run(tmp_path / "run").similar_items([7], k=5)
    found = open_run(tmp_path / "run").similar(7, 5)
    assert found.items.tolist() == expected.ids[0].tolist() == run.similar_items([7], k=5).ids[0].tolist()
    np.testing.assert_allclose(found.scores, expected.scores[0], rtol=1e-5)


@pytest.mark.parametrize("model", ["item_knn", "ease"])
def test_items_that_are_no_vectors_have_none_like_them(model, tmp_path):
    mm.run(model, mm.Synthetic(num_users=60, num_items=60), folder=tmp_path / "run", verbose=False)
    served = open_run(tmp_path / "run")
    with pytest.raises(NotOfferedError, match="vectors of items"):
        served.similar(7, 5)
    assert served.neighbors(served.history(0), 7, 3).items.size == 0
