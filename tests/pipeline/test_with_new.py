"""New users and items by their ids."""

import numpy as np
import pytest
import torch

import mmgraph
from mmgraph.config.compose import compose_config
from mmgraph.datasets import Synthetic
from mmgraph.pipeline.api import load
from mmgraph.pipeline.histories import serve_histories
from mmgraph.pipeline.run import train
from mmgraph.pipeline.with_new import new_nodes
from tests.prepared import KINDS, item_id, user_id, words, write_shop

SHOE, HAT = torch.eye(3)[:2]
EXACT = ("item_knn", "slim", "ease", "fism", "popularity")
"""Models whose users are nothing but what they chose."""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run on a little shop whose items have text of a kind each; its data are at hand."""
    folder = tmp_path_factory.mktemp("with_new")
    train(compose_config(words(write_shop(folder / "shop"), "trainer.max_epochs=25")), folder / "run", verbose=False)
    return load(folder / "run")


@pytest.fixture(scope="module")
def numbers():
    """A run on data whose ids are numbers and whose items have no features."""
    return mmgraph.run("mf_bpr", Synthetic(num_users=60, num_items=60, modalities=[]), max_epochs=1, verbose=False)


def kinds(found):
    """The kinds of the items in lists: every third item is of the same one."""
    return [[KINDS[int(name[-2:].strip("U+")) % 3] for name in names] for names in found.ids.tolist()]


def test_old_users_get_the_same_scores_and_new_ones_lists_of_what_they_chose(run):
    more = run.with_new(users={"eve": [item_id(0), item_id(3), item_id(6)], "adam": [item_id(1), item_id(4)]})
    before, after = (which.recommend("all", k=5).scores for which in (run, more))
    assert torch.equal(after[: before.size(0)], before)
    found = more.recommend(["eve", "adam"], k=4)
    assert kinds(found)[0].count("shoe") >= 3
    assert kinds(found)[1].count("hat") >= 3
    assert not {item_id(0), item_id(3), item_id(6)} & set(found.ids[0])
    assert repr(more) == "WithNew(42 users, 30 items)"


def test_a_new_item_is_recommended_and_found_alike_by_features_alone(run):
    more = run.with_new(items={"SKU99": {"features": {"text": SHOE}, "title": "A new shoe", "category": "shoe"}})
    similar = more.similar_items(["SKU99"], k=5)
    assert kinds(similar) == [["shoe"] * 5]
    found = more.recommend([user_id(0)], k=31, category="shoe")
    assert "SKU99" in found.ids[0]
    others = run.recommend([user_id(0)], k=30, category="shoe").ids[0]
    assert [name for name in found.ids[0] if name not in ("SKU99", None)] == [name for name in others if name]


def test_features_are_scaled_as_the_runs_data_were(tmp_path):
    root = write_shop(tmp_path / "shop")
    text = np.load(root / "text_feat.npy") * [3.0, 1.0, 1.0] + 5
    np.save(root / "text_feat.npy", text)
    train(compose_config(words(root, "dataset.features=standardize")), tmp_path / "run", verbose=False)
    run = load(tmp_path / "run")
    new, _ = new_nodes(run.serving, run.dataset, {}, {"copy": {"features": {"text": text[4]}}})
    assert torch.equal(new.features["text"][0], run.graph["item"].x_text[4])


def test_users_and_items_that_know_each_other_only(run):
    users = {"eve": ["SKU99", item_id(1)]}
    more = run.with_new(users=users, items={"SKU99": {"features": {"text": HAT}, "users": ["eve"]}})
    found = more.recommend(["eve"], k=5)
    assert "SKU99" not in found.ids[0]
    assert kinds(found)[0].count("hat") >= 3


def test_recomputed_everybody_is_encoded_anew(run):
    more = run.with_new(users={"eve": [item_id(0)]}, mode="recompute")
    assert more.recommend(["eve"], k=5).ids.shape == (1, 5)
    assert len(more.serving.users) == 41


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"users": {"user-07": []}}, r"user 'user-07' is there already.*recommend\(histories"),
        ({"users": {"eve": ["SKU0"]}}, r"users\['eve'\]: there is no item 'SKU0' .* did you mean"),
        ({"items": {"x": {"price": 1}}}, r"items\['x'\]: 'price' is none of features, users, title, category"),
        ({"items": {"x": {"features": {"txt": SHOE}}}}, r"items\['x'\]: .* no modality 'txt'; they have \['text'\]"),
        ({"items": {"x": {"features": {"text": [1, 2]}}}}, r"items\['x'\], text: features must be 3 finite numbers"),
        ({"items": {"x": {"features": {"text": ["a", "b", "c"]}}}}, r"must be 3 finite numbers"),
        ({"items": {"x": {"features": {"text": [1, 2, np.nan]}}}}, r"must be 3 finite numbers"),
        ({"items": {"x": {"users": ["eve"]}}}, r"items\['x'\]\['users'\]: there is no user 'eve'"),
        ({"items": {"x": {}}}, r"item 'x' has no user who was there in training and no features \(of \['text'\]\)"),
        ({"users": {"eve": []}, "mode": "both"}, r"mode='both' must be one of one_way, recompute"),
    ],
)
def test_what_cannot_be_right(run, arguments, message):
    with pytest.raises(ValueError, match=message):
        run.with_new(**arguments)


@pytest.mark.parametrize(
    ("users", "items", "message"),
    [
        (["eve"], {}, r"users must be a mapping such as \{'new-id': \[item ids\]\}; got \['eve'\]"),
        ({}, {"x": [1]}, r"items\['x'\] must be a mapping such as \{'features'.*\}; got \[1\]"),
        ({}, {"x": {"features": [1]}}, r"items\['x'\]\['features'\] must be a mapping such as \{'text': vector\}; got"),
    ],
)
def test_what_is_no_mapping(run, users, items, message):
    with pytest.raises(ValueError, match=message):
        new_nodes(run.serving, run.dataset, users, items)


def test_ids_that_are_numbers_stay_numbers(numbers):
    more = numbers.with_new(users={100: [3, 4], "101": [5]}, items={90: {"users": [1, 2]}})
    found = more.recommend([100, 101], k=3)
    assert found.ids.dtype == torch.int64
    assert not {3, 4} & set(found.ids[0].tolist())
    with pytest.raises(ValueError, match=r"users of this run have whole numbers for ids; got \['eve'\]"):
        numbers.with_new(users={"eve": [3]})
    with pytest.raises(ValueError, match="user '59' is there already"):
        numbers.with_new(users={"59": [3]})


def test_lists_for_histories_are_those_of_new_users(run):
    chosen = [[item_id(0), item_id(3)], [item_id(1)], []]
    found = run.recommend(histories=chosen, k=6)
    more = run.with_new(users={f"new-{number}": items for number, items in enumerate(chosen)})
    expected = more.recommend(["new-0", "new-1", "new-2"], k=6)
    # VBPR encodes new users by rows of its table, which ridge regression infers from the same vectors.
    torch.testing.assert_close(found.scores, expected.scores, rtol=1e-2, atol=1e-3)
    assert found.ids.tolist() == expected.ids.tolist()
    assert more.recommend(histories=chosen[:1], k=6).ids.tolist() == expected.ids[:1].tolist()


@pytest.mark.parametrize("model", [*EXACT, "lightgcn"])
def test_a_history_needs_no_user_whatever_the_model(model):
    data = Synthetic(num_users=60, num_items=60, modalities=[])
    run = mmgraph.run(model, data, max_epochs=1, verbose=False)
    item = data[0]["user", "interacts", "item"].edge_index
    history = item[1][item[0] == 5].tolist()
    found = run.recommend(histories=[history, history[:1]], k=60)
    assert not set(history) & set(found.ids[0].tolist())
    if model in EXACT:
        torch.testing.assert_close(found.scores[0], run.recommend([5], k=60, exclude=["train"]).scores[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "users, or histories in their place"),
        ({"users": [1], "histories": [[1]]}, "users, or histories in their place"),
        ({"histories": []}, r"histories must be lists of items' ids, such as \[\[3, 14\], \[15\]\]; got \[\]"),
        ({"histories": [[3], [1000]]}, r"histories\[1\]: there is no item 1000 in the data"),
    ],
)
def test_histories_that_are_none(numbers, arguments, message):
    with pytest.raises(ValueError, match=message):
        numbers.recommend(**arguments)


def test_a_history_that_is_no_list(numbers):
    message = r"histories\[0\] must be a list of items' ids, such as \[3, 14\]; got 3"
    with pytest.raises(ValueError, match=message):
        serve_histories(numbers.serving, numbers._histories, [3])


def test_chance_knows_no_history():
    run = mmgraph.run("random", Synthetic(num_users=60, num_items=60, modalities=[]), verbose=False)
    with pytest.raises(ValueError, match="Chance does not score by vectors or by what somebody chose"):
        run.recommend(histories=[[1]])


def test_a_history_needs_no_data_set(shop_run):
    assert shop_run.recommend(histories=[[item_id(0)]], k=3).ids.shape == (1, 3)
