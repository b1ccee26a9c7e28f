"""Encoders are compared on validation, by content kNN, and the test split is not looked at."""

import numpy as np
import pytest

import mmgraph as mm
from tests.prepare.features.conftest import draw

KINDS = ["red shoe", "green tea", "blue hat"]


def write_shop(folder, *, test_kind=0):
    """Users who take items of a kind, 0, 1 or 2; what is held out for test is of a kind ``test_kind`` further."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    rows = [f"{item}\t{KINDS[item % 3]} {item // 3}\tx{item}.png" for item in range(90)]
    (folder / "items.tsv").write_text("\n".join(["itemID\ttitle\timage", *rows]) + "\n")
    lines = []
    for user in range(30):
        own = [item for item in range(90) if item % 3 == user % 3]
        others = [item for item in range(90) if item % 3 == (user + test_kind) % 3]
        train, val = np.split(rng.permutation(own)[:12], [9])
        test = [item for item in others if item not in train and item not in val][:2]
        lines += [f"{user}\t{item}\t{label}" for label, part in enumerate((train, val, test)) for item in part]
    (folder / "shop.inter").write_text("\n".join(["userID\titemID\tx_label", *lines]) + "\n")
    return folder


@pytest.fixture
def shop(tmp_path):
    folder = write_shop(tmp_path / "compared")
    photos = tmp_path / "photos"
    photos.mkdir()
    for item in range(90):
        draw(photos / f"x{item}.png", ["red", "green", "blue"][item % 3], round_=item % 3 == 1)
    return folder


def test_each_encoder_has_a_row(shop, tmp_path, capsys):
    before = sorted(path.name for path in shop.iterdir())
    found = mm.compare_encoders(shop, text="tfidf", images=tmp_path / "photos")
    assert [(row.modality, row.encoder) for row in found] == [("text", "tfidf"), ("image", "colour")]
    assert all(row.recall > 0.5 and row.seconds > 0 for row in found)
    out = capsys.readouterr().out
    assert "content kNN, recall@20 on validation" in out
    assert f"{found[0].recall:.4f}" in out
    assert sorted(path.name for path in shop.iterdir()) == before


def test_the_test_split_changes_nothing(tmp_path):
    one, other = (write_shop(tmp_path / str(kind), test_kind=kind) for kind in (0, 1))
    assert (one / "shop.inter").read_text() != (other / "shop.inter").read_text()
    recalls = [mm.compare_encoders(folder, verbose=False)[0].recall for folder in (one, other)]
    assert recalls[0] == recalls[1]


def test_options_of_the_folder_hold(shop):
    """A scaling of features that are not there yet does not matter; how the interactions are read does."""
    (shop / "dataset.yaml").write_text("features: {text: standardize}\nsplit: x_label\n")
    assert mm.compare_encoders(shop, verbose=False)[0].recall > 0.5


def test_nothing_to_compare(shop):
    with pytest.raises(ValueError, match="nothing to compare"):
        mm.compare_encoders(shop, text=[])
