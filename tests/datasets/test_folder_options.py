import numpy as np
import pytest
import torch

from mmgraph.datasets import MMRecFolder
from mmgraph.datasets.folder_options import DEFAULTS, folder_options


def write(folder, text):
    (folder / "dataset.yaml").write_text(text)
    return folder


def test_without_a_file_the_defaults_hold(tmp_path):
    options, decided = folder_options(tmp_path, {"features": None, "split": "random"})
    assert decided == []
    assert options["features"] == "raw"
    assert options["split"] == "random"
    assert options.keys() == DEFAULTS.keys()


def test_what_is_asked_for_wins_over_the_file(tmp_path):
    write(tmp_path, "features: l2\nsplit_seed: 3\ncolumns: {user: uid, item: iid}\n")
    options, decided = folder_options(tmp_path, {"features": "raw", "columns": {"user": "who", "item": None}})
    assert (options["features"], options["split_seed"]) == ("raw", 3)
    assert (options["columns"]["user"], options["columns"]["item"], options["columns"]["rating"]) == (
        "who",
        "iid",
        "rating",
    )
    assert decided == ["split_seed", "columns"]


def test_a_folder_brings_its_scaling(folder):
    write(folder, "features:\n  text: [standardize, l2]\n")
    dataset = MMRecFolder(folder)
    torch.testing.assert_close(dataset[0]["item"].x_text.norm(dim=1), torch.ones(12))
    assert "features as in dataset.yaml" in dataset.describe()
    raw = MMRecFolder(folder, features="raw")[0]["item"].x_text.numpy()
    np.testing.assert_array_equal(raw, np.load(folder / "text_feat.npy").astype(np.float32))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("_target_: os.system\n", r"must be options of .*found \['_target_'\]"),
        ("root: /etc\n", r"found \['root'\]"),
        ("cache_dir: /tmp\n", r"found \['cache_dir'\]"),
        ("- features\n", "found list"),
        ("features: ${oc.env:HOME}\n", "is not allowed; write the value itself"),
        ("features: !!python/object/apply:os.system [ls]\n", "cannot be read as YAML"),
        ("features: [\n", "cannot be read as YAML"),
        ("[" * 30000, "cannot be read as YAML"),
        ("split: 2001-99-99\n", "cannot be read as YAML"),
        ("features: &a l2\nmissing: *a\n", r"aliases \(\*name\) and deep nesting are not allowed"),
        ("split_seed: one\n", "split_seed='one': must be a whole number from 0"),
        ("x" * 70000, "70000 bytes"),
    ],
    ids=lambda text: text[:20],
)
def test_a_strangers_file_says_options_and_nothing_else(tmp_path, text, message):
    with pytest.raises(ValueError, match=rf"dataset\.yaml: .*{message}"):
        folder_options(write(tmp_path, text), {})


@pytest.mark.parametrize(
    "given",
    [
        {"name": "../elsewhere"},
        {"name": 3},
        {"modalities": "text"},
        {"modalities": {"image": 64}},
        {"modalities": [1]},
        {"features": 5},
        {"features": {"text": 5}},
        {"features": ["l2"]},
        {"missing": False},
        {"split": ["auto"]},
        {"ratios": 0.8},
        {"ratios": [0.8, 0.1, float("nan")]},
        {"split_seed": -1},
        {"split_seed": True},
        {"min_rating": float("nan")},
        {"min_rating": "4"},
        {"k_core": -1},
        {"k_core": 2.0},
        {"separator": 9},
        {"columns": ["user"]},
        {"columns": {"user": 4}},
    ],
    ids=str,
)
def test_an_option_of_a_wrong_type_is_named(tmp_path, given):
    with pytest.raises(ValueError, match=rf"^{next(iter(given))}=.*: must be "):
        folder_options(tmp_path, given)
