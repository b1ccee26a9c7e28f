"""Folders in MMRec's layout as the input: split, features, options and original ids go along."""

import numpy as np
import pytest

from mmgraph.datasets import MMRecFolder
from tests.prepare.conftest import PAIRS, lines

RNG = np.random.default_rng(0)


@pytest.fixture
def folder(tmp_path):
    """Thirteen items, of which the last is in the features only; every user has all parts."""
    place = tmp_path / "old"
    place.mkdir()
    rows = [(u, (u + 2 * k) % 12, k % 3) for u in range(7) for k in range(6)]
    (place / "old.inter").write_text(lines(rows, header="userID\titemID\tx_label", separator="\t"))
    np.save(place / "text_feat.npy", RNG.standard_normal((13, 4)).astype("float32"))
    np.save(place / "image_feat.npy", RNG.standard_normal((13, 3)).astype("float16"))
    np.save(place / "image_mask.npy", np.arange(13) != 5)
    (place / "items.tsv").write_text("itemID\ttitle\n" + "".join(f"{k}\tthing {k}\n" for k in range(13)))
    (place / "dataset.yaml").write_text("features: {text: l2}\nk_core: 3\n")
    return place


def test_the_split_and_the_features_stay(prepare, folder):
    made = prepare(interactions="old")
    new = MMRecFolder(made.folder)
    old = MMRecFolder(folder, k_core=1)
    assert new.split_hash == old.split_hash
    assert made.record["split"]["hash"] == old.split_hash
    assert new.feature_hash == old.feature_hash
    assert [row["title"] for row in made.items] == [f"thing {k}" for k in range(12)]
    assert "not applied: k_core of " in made.notes


def test_features_follow_their_items_through_the_filters(prepare, folder):
    made = prepare(interactions="old", min_item=4, split="per_user_random")
    kept = [int(row["original_id"]) for row in made.items]
    assert 0 < len(kept) < 12
    np.testing.assert_array_equal(np.load(made.folder / "text_feat.npy"), np.load(folder / "text_feat.npy")[kept])
    np.testing.assert_array_equal(np.load(made.folder / "image_mask.npy"), np.array(kept) != 5)
    assert np.load(made.folder / "image_feat.npy").dtype == np.float16


def test_columns_and_separator_of_the_folders_own_options(prepare, folder):
    text = (folder / "old.inter").read_text().replace("userID", "uid").replace("\t", ";")
    (folder / "old.inter").write_text(text)
    (folder / "dataset.yaml").write_text("columns: {user: uid}\nseparator: ';'\n")
    assert len(prepare(interactions="old").rows) == 42
    assert not (folder.parent / "made" / "dataset.yaml").exists()


def test_ids_from_one_and_no_row_for_zero(prepare, folder):
    text = lines([(u + 1, i + 1) for u in range(8) for i in range(12)], header="userID\titemID", separator="\t")
    (folder / "old.inter").write_text(text)
    for name in ("text_feat.npy", "image_feat.npy", "image_mask.npy"):
        np.save(folder / name, np.load(folder / name)[:12])
    made = prepare(interactions="old")
    np.testing.assert_array_equal(np.load(made.folder / "text_feat.npy"), np.load(folder / "text_feat.npy"))
    assert made.users[0] == "1"


def test_a_prepared_folder_keeps_its_original_ids(prepare):
    table = lines([(f"i{k}", f"thing {k}") for k in range(6)], header="item,title")
    first = prepare(
        {"a.csv": lines([*PAIRS, ("u9", "i0")]), "t.csv": table}, items="t.csv", out="first", split="random"
    )
    np.save(first.folder / "text_feat.npy", np.arange(12.0).reshape(6, 2))
    second = prepare(interactions="first", k_core=2, split="per_user_random")
    assert sorted(second.pairs) == sorted(PAIRS)
    assert [row["title"] for row in second.items] == [f"thing {k}" for k in range(6)]
    assert second.labels == prepare(interactions="a.csv", k_core=2, split="per_user_random", out="straight").labels
    np.testing.assert_array_equal(np.load(second.folder / "text_feat.npy"), np.arange(12.0).reshape(6, 2))


def test_an_id_without_a_row(prepare, folder):
    (folder / "users.tsv").write_text("userID\toriginal_id\n0\tann\n")
    with pytest.raises(ValueError, match=r"users.tsv: user \d of .*old.inter has no row"):
        prepare(interactions="old")


@pytest.mark.data
@pytest.mark.parametrize("name", ["baby", "lfm2k", "sports", "tiktok"])
def test_real_sets_keep_split_and_features(prepare, real_data, name):
    made = prepare(interactions=real_data / name)
    new, old = MMRecFolder(made.folder), MMRecFolder(real_data / name)
    assert new.split_hash == old.split_hash == made.record["split"]["hash"]
    assert new.feature_hash == old.feature_hash
