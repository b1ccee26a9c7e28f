import subprocess

import numpy as np
import pytest

from mmgraph.datasets import MMRecFolder
from mmgraph.datasets.folder_files import find_interactions, misnamed_features
from mmgraph.typing import INTERACTS


def test_a_packed_file_is_named(tmp_path):
    (tmp_path / "shop.inter.gz").touch()
    with pytest.raises(FileNotFoundError, match=r"but shop\.inter\.gz: unpack it there"):
        find_interactions(tmp_path, None, None)


def test_the_recipe_for_files_of_lightgcn_works(tmp_path):
    (tmp_path / "train.txt").write_text("0 0 1 2\n1 2 3\n2\n3 0 3\n")
    (tmp_path / "test.txt").write_text("0 3\n1 0\n3 1\n2 1\n")
    with pytest.raises(FileNotFoundError, match=r"train.txt and test.txt as LightGCN has them") as caught:
        MMRecFolder(tmp_path)
    (recipe,) = [line for line in str(caught.value).splitlines() if line.startswith("awk")]
    subprocess.run(recipe, shell=True, cwd=tmp_path, check=True)
    data = MMRecFolder(tmp_path, split="x_label_draw_validation")[0]
    assert data[INTERACTS].test_edge_label_index.T.tolist() == [[0, 3], [1, 0], [2, 1], [3, 1]]
    assert data[INTERACTS].edge_index.size(1) + data[INTERACTS].val_edge_label_index.size(1) == 7


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("text_features.npy", "rename it to text_feat.npy"),
        ("image-embeddings.npy", "rename it to image_feat.npy"),
        ("audio.pt", r"numpy.save\('audio_feat.npy', array\)"),
        ("features.pkl", r"numpy.save\('text_feat.npy', array\)"),
    ],
)
def test_what_looks_like_features_is_told(folder, name, wanted):
    (folder / name).touch()
    with pytest.warns(UserWarning, match=f"{name} is not read; .*{wanted}"):
        assert MMRecFolder(folder).summary["modalities"].keys() == {"image", "text"}
    MMRecFolder(folder, modalities=["text"])  # says itself what is to be read


def test_a_modality_that_lies_under_another_name_is_told(folder):
    (folder / "text_feat.npy").rename(folder / "text_features.npy")
    message = r"unknown \['text'\]; .* has \['image'\] .*text_features.npy is not read; rename it to text_feat.npy"
    with pytest.raises(ValueError, match=message):
        MMRecFolder(folder, modalities=["text"])


def test_other_files_are_nobodys_features(tmp_path):
    for name in ("user_graph_dict.npy", "image_adj_10.pt", "text_mask.npy", "x_feat.npy", "notes.txt", "model.pt"):
        (tmp_path / name).touch()
    assert misnamed_features(tmp_path) == []


def test_a_modality_that_was_left_out_is_told(folder):
    assert "not read: image" in MMRecFolder(folder, modalities=["text"]).describe()
    assert np.load(folder / "image_feat.npy").shape == (12, 4)
