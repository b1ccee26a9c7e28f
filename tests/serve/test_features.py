import numpy as np

from mmgraph.serve.features import FeatureTable, find_features


def test_features_stay_on_the_disk(tmp_path):
    np.save(tmp_path / "text_feat.npy", np.ones((5, 3), dtype=np.float16))
    np.save(tmp_path / "image_feat.npy", np.ones((5, 2)))
    np.save(tmp_path / "image_mask.npy", np.array([True, False, True, True, True]))
    found = find_features({"root": str(tmp_path)}, num_items=5)
    assert sorted(found) == ["image", "text"]
    assert isinstance(found["text"].x, np.memmap)
    assert found["image"].directions(np.array([0, 1])).tolist() == [[np.float32(0.5**0.5)] * 2, [0, 0]]


def test_the_chosen_modalities(tmp_path):
    for name in ("text", "image"):
        np.save(tmp_path / f"{name}_feat.npy", np.ones((5, 3)))
    assert list(find_features({"root": str(tmp_path), "modalities": ["text"]}, num_items=5)) == ["text"]


def test_none_where_there_are_none_of_these_items(tmp_path):
    np.save(tmp_path / "text_feat.npy", np.ones((6, 3)))
    assert find_features({"root": str(tmp_path)}, num_items=5) == {}
    assert find_features({"root": str(tmp_path / "gone")}, num_items=5) == {}
    assert find_features({"root": None}, num_items=5) == {}
    assert find_features({}, num_items=5) == {}


def test_length():
    assert len(FeatureTable(np.ones((4, 2)))) == 4
