import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmgraph.datasets import Constant, Control, Drop, InHand, Missing, MMRecFolder, Noise, Shuffle, Synthetic
from mmgraph.datasets.features import Modality
from mmgraph.typing import INTERACTS, PARTS

KINDS = [
    Shuffle(seed=0),
    Noise(seed=0),
    Constant(),
    Drop(modalities=["text"]),
    Missing(rate=0.5, seed=0),
    Missing(rate=0.5, by="popularity", fill="graph", seed=0),
]


def data():
    return Synthetic(num_users=60, num_items=40, modalities={"image": 6, "text": 3})


@pytest.fixture
def gaps(folder):
    """The folder, with images of half of the items."""
    np.save(folder / "image_mask.npy", np.arange(12) % 2 == 0)
    return folder


def features(dataset):
    return {key: x.numpy() for key, x in dataset[0]["item"].items() if key.startswith(("x_", "has_"))}


@pytest.mark.parametrize("control", KINDS, ids=lambda control: control.describe(["image", "text"]))
def test_a_control_changes_features_alone(control):
    before = data()
    kept = {key: x.copy() for key, x in features(before).items()}
    after = before.controlled(control)
    assert after.split_hash == before.split_hash
    assert after.feature_hash != before.feature_hash == data().feature_hash
    for part in PARTS.values():
        assert torch.equal(after[0][INTERACTS][part], before[0][INTERACTS][part])
    for key, x in features(before).items():
        np.testing.assert_array_equal(x, kept[key])
    assert after.controlled(Control()).feature_hash == after.feature_hash
    assert before.controlled(control).feature_hash == after.feature_hash


def test_what_is_not_named_stays():
    before = features(data())
    for control in (
        Shuffle(modalities=["text"], seed=0),
        Noise(modalities=["text"], seed=0),
        Constant(modalities=["text"]),
    ):
        after = features(data().controlled(control))
        np.testing.assert_array_equal(after["x_image"], before["x_image"])
        assert not np.array_equal(after["x_text"], before["x_text"])
        assert list(after) == list(before)


def test_shuffled_rows_are_the_same_rows_and_modalities_stay_together(gaps):
    plain = MMRecFolder(gaps)
    before, after = features(plain), features(plain.controlled(Shuffle(seed=3)))
    order = [int((before["x_text"] == row).all(axis=1).argmax()) for row in after["x_text"]]
    assert sorted(order) == list(range(12)) != order
    for key in before:
        np.testing.assert_array_equal(after[key], before[key][order])


def test_noise_has_the_mean_and_the_deviation_of_its_columns():
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((4000, 3)) * [1, 5, 0] + [0, -7, 2]).astype(np.float32)
    has = np.arange(4000) % 4 > 0
    x[~has] = 9
    drawn = Noise(seed=0).after_scaling({"text": Modality(x, has)})["text"].x
    np.testing.assert_allclose(drawn[has].mean(axis=0), x[has].mean(axis=0), atol=0.3)
    np.testing.assert_allclose(drawn[has].std(axis=0), x[has].std(axis=0), rtol=0.05)
    assert (drawn[~has] == 9).all()
    assert abs(np.corrcoef(drawn[has, 0], x[has, 0])[0, 1]) < 0.05


def test_a_constant_is_the_mean_of_the_items_that_have_it():
    x = np.array([[1, 2], [3, 4], [50, 60]], dtype=np.float32)
    has = np.array([True, True, False])
    found = Constant().after_scaling({"text": Modality(x, has)})["text"].x
    assert found.tolist() == [[2, 3], [2, 3], [50, 60]]


def test_to_drop_is_not_to_read(folder):
    dropped = MMRecFolder(folder).controlled(Drop(modalities=["image"]))
    assert dropped.feature_hash == MMRecFolder(folder, modalities=["text"]).feature_hash
    assert list(dropped.summary["modalities"]) == ["text"]


@pytest.mark.parametrize("fill", ["mean", "zero", "graph"])
def test_to_miss_is_a_row_of_nan_in_the_file(folder, fill):
    """So that scaling knows nothing of what is missing."""
    options = {"features": {"text": ["standardize", "l2"]}, "missing": fill}
    lost = MMRecFolder(folder, **options).controlled(Missing(rate=0.5, modalities=["text"], seed=1))
    text = np.load(folder / "text_feat.npy")
    text[~features(lost)["has_text"]] = np.nan
    np.save(folder / "text_feat.npy", text)
    assert MMRecFolder(folder, **options).feature_hash == lost.feature_hash


def test_the_fill_of_a_control_wins_over_that_of_the_data_set(folder):
    plain = MMRecFolder(folder, missing="zero")
    assert not features(plain.controlled(Missing(rate=0.5, seed=0)))["x_text"].all(axis=1).all()
    assert features(plain.controlled(Missing(rate=0.5, fill="mean", seed=0)))["x_text"].all()
    for fill in ("mean", "zero", "graph"):
        missing = Missing(rate=0.5, fill=fill, seed=0)
        found = features(InHand(plain[0]).controlled(missing))
        np.testing.assert_allclose(found["x_text"], features(plain.controlled(missing))["x_text"], rtol=1e-6)


def test_nothing_is_missing_at_a_rate_of_0_and_one_item_keeps_it_at_any():
    assert data().controlled(Missing(rate=0, seed=0)).feature_hash == data().feature_hash
    assert features(data().controlled(Missing(rate=0.999, seed=0)))["has_text"].sum() == 1


@given(st.floats(0, 0.99), st.floats(0, 0.99), st.sampled_from(["random", "popularity"]), st.integers(0, 5))
def test_items_of_a_lower_rate_are_among_those_of_a_higher_one(first, second, by, seed):
    degree = np.array([3, 0, 7, 1, 1, 1, 9, 4])
    text = Modality(np.ones((8, 1), dtype=np.float32), np.arange(8) != 2)
    found = [
        Missing(rate=rate, by=by, seed=seed).before_scaling({"text": text}, degree)["text"].has
        for rate in sorted((first, second))
    ]
    assert (found[0] >= found[1]).all()
    assert found[0].sum() == 7 - min(round(7 * min(first, second)), 6)
    if by == "popularity":
        lost = degree[~found[1] & text.has]
        assert not len(lost) or lost.max() <= degree[found[1]].min()


def test_the_least_popular_go_by_train_interactions_alone():
    dataset = data()
    held_out = dataset[0][INTERACTS].test_edge_label_index
    less = dataset[0]
    less[INTERACTS].test_edge_label_index = held_out[:, ::2]
    missing = Missing(rate=0.5, by="popularity", fill="graph", seed=0)
    assert InHand(less).controlled(missing).feature_hash == dataset.controlled(missing).feature_hash


def test_seeds_are_those_of_the_run_unless_they_are_given():
    assert Shuffle().seeded(4).seed == 4
    assert Shuffle(seed=1).seeded(4).seed == 1
    assert Drop(modalities=["text"]).seeded(4).record(["text"]) == {"kind": "drop", "modalities": ["text"]}
    hashes = {data().controlled(Shuffle(seed=seed)).feature_hash for seed in range(3)}
    assert len(hashes) == 3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Shuffle(modalities="text"), r"give a list, as in \[text\]"),
        (lambda: Shuffle(modalities=[]), r"give a list, as in \[text\], or null for all"),
        (lambda: Shuffle(seed=-1), "seed=-1: must be at least 0"),
        (lambda: Missing(rate=1), "rate=1: must be from 0 to below 1"),
        (lambda: Missing(rate=0.5, by="age"), "by='age': must be 'random' or 'popularity'"),
        (lambda: Missing(rate=0.5, fill="knn"), "fill='knn': must be 'mean', 'zero' or 'graph'"),
        (
            lambda: data().controlled(Shuffle(modalities=["audio"], seed=0)),
            r"unknown \['audio'\]; the items have \['im",
        ),
        (lambda: Synthetic(num_users=60, num_items=40, modalities=[]).controlled(Constant()), "have no modality"),
    ],
)
def test_what_cannot_be_is_a_sentence(make, message):
    with pytest.raises(ValueError, match=message):
        make()
