import numpy as np
import pytest
import torch

from mmgraph.pipeline.result import _device
from tests.prepared import NUM_ITEMS, NUM_USERS, item_id, user_id


def test_texts_come_as_an_array_with_nothing_where_nothing_is_left(shop_run):
    found = shop_run.recommend([user_id(2), user_id(1)], k=100)
    assert isinstance(found.ids, np.ndarray)
    assert found.ids.shape == found.scores.shape == (2, NUM_ITEMS)
    assert (found.ids == None).sum(1).tolist() == [5, 5]  # noqa: E711  # item by item
    assert torch.equal(torch.from_numpy(found.ids == None), found.scores.isneginf())  # noqa: E711


def test_one_user_by_name_and_all_in_their_order(shop_run):
    everybody = shop_run.recommend("all", k=3)
    assert everybody.ids.shape == (NUM_USERS, 3)
    one = shop_run.recommend(user_id(17), k=3)
    assert one.ids[0].tolist() == everybody.ids[17].tolist()
    assert torch.equal(one.scores[0], everybody.scores[17])


def test_similar_items_are_others(shop_run):
    found = shop_run.similar_items("all", k=NUM_ITEMS)
    assert found.ids.shape == (NUM_ITEMS, NUM_ITEMS - 1)
    for row, ids in enumerate(found.ids.tolist()):
        assert sorted(ids) == sorted(item_id(other) for other in range(NUM_ITEMS) if other != row)
    few = shop_run.similar_items(item_id(3), k=5, category="hat", at_most=2)
    assert (few.ids[0] != None).sum() == 2  # noqa: E711


@pytest.mark.parametrize("k", [0, -1])
def test_a_length_that_is_none(shop_run, k):
    with pytest.raises(ValueError, match="k must be at least 1"):
        shop_run.recommend("all", k=k)
    with pytest.raises(ValueError, match="k must be at least 1"):
        shop_run.similar_items("all", k=k)


@pytest.mark.parametrize(
    ("accelerator", "there", "device"), [("auto", True, "cuda"), ("cpu", True, "cpu"), ("cuda", False, "cpu")]
)
def test_lists_are_made_where_a_run_trains(shop_run, monkeypatch, accelerator, there, device):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    cfg = shop_run.config.copy()
    cfg.trainer.accelerator = accelerator
    assert _device(cfg).type == device
