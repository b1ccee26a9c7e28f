"""New items are encoded as those of the folder were."""

import json

import numpy as np
import pytest

import mmgraph as mm
from mmgraph.prepare.features.new_items import encode_new_items


@pytest.fixture
def encoded(shop, photos):
    """A folder whose texts and images are encoded, and what its items.tsv says of item 0."""
    (shop / "dataset.json").write_text("{}")
    mm.encode_items(shop, images=photos, verbose=False)
    header, first, *_ = (shop / "items.tsv").read_text().splitlines()
    return shop, dict(zip(header.split("\t"), first.split("\t"), strict=True))


def test_an_item_described_as_an_old_one_gets_its_rows(encoded, photos):
    shop, old = encoded
    found = encode_new_items(shop, {"new": old}, images=photos)["new"]
    assert set(found) == {"text", "image"}
    for modality, row in found.items():
        stored = np.load(shop / f"{modality}_feat.npy")[0].astype(np.float32)
        np.testing.assert_allclose(row, stored, atol=2e-3)


def test_what_an_item_lacks_is_left_out(encoded, photos):
    shop, old = encoded
    found = encode_new_items(shop, {"a": {"title": "zzz"}, "b": {"title": old["title"]}, "c": {}}, images=photos)
    assert {name: set(rows) for name, rows in found.items()} == {"a": set(), "b": {"text"}, "c": set()}


@pytest.mark.parametrize("image", [None, float("nan"), "nowhere.png", "broken.png"])
def test_an_item_without_a_readable_image_has_its_text(encoded, photos, image):
    shop, old = encoded
    (photos / "broken.png").write_bytes(b"no image")
    found = encode_new_items(shop, {"new": {"title": old["title"], "image": image}}, images=photos)
    assert set(found["new"]) == {"text"}


@pytest.mark.parametrize("items", [["new"], {"new": "red shoe"}])
def test_what_is_no_mapping_is_a_sentence(encoded, items):
    with pytest.raises(ValueError, match="items must be a mapping"):
        encode_new_items(encoded[0], items)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        encode_new_items(tmp_path / "nowhere", {"new": {"title": "red shoe"}})


def test_a_folder_that_nobody_encoded_is_refused(shop):
    with pytest.raises(ValueError, match="mmgraph-encode"):
        encode_new_items(shop, {"new": {"title": "red shoe"}})


def test_items_that_changed_since_are_refused(encoded):
    shop, old = encoded
    table = shop / "items.tsv"
    table.write_text(table.read_text().replace(old["title"], "something else"))
    with pytest.raises(ValueError, match="encode the folder again"):
        encode_new_items(shop, {"new": {"title": "red shoe"}})


@pytest.mark.parametrize(
    "entry", [{"text": {"encoder": "tfidf"}}, {"text": {"encoder": 3, "columns": ["a"]}}, {"text": 7}]
)
def test_a_damaged_record_is_refused_by_name(shop, entry):
    (shop / "dataset.json").write_text(json.dumps({"features": entry}))
    with pytest.raises(ValueError, match=r"features\.text must name"):
        encode_new_items(shop, {"new": {"title": "red shoe"}})
