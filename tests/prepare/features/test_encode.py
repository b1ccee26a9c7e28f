"""The files that come out, what is said of them, and what becomes of a call that is stopped."""

import errno
import json

import numpy as np
import pytest

import mmgraph as mm
from mmgraph.datasets import MMRecFolder
from mmgraph.prepare.features import choose, encode, unfinished
from mmgraph.prepare.features.encoder import Encoder


class Lengths(Encoder[str]):
    """An encoder of the tests: length and first letter of a text; notes what it is asked."""

    def __init__(self, asked, name="lengths"):
        self.asked = asked
        self.name = name

    def encode(self, contents):
        self.asked.extend(contents)
        return np.array([[len(text), ord(text[0])] for text in contents], dtype=np.float32)

    @property
    def recipe(self):
        return {"encoder": self.name}


@pytest.fixture
def asked(monkeypatch):
    """The texts that were encoded; parts are of three items."""
    asked = []
    monkeypatch.setattr("mmgraph.prepare.features.sources.text_encoder", lambda name, **_: Lengths(asked, name))
    monkeypatch.setattr(unfinished, "ROWS", 3)
    monkeypatch.setattr(encode, "ROWS", 3)
    return asked


def run(folder, **options):
    return encode.encode_items(folder, **{"verbose": False, **options})


def test_a_row_an_item_and_a_mask_beside_it(shop, photos):
    made = mm.encode_items(shop, images=photos, verbose=False)
    text = np.load(shop / "text_feat.npy", mmap_mode="r")
    has_text = np.load(shop / "text_mask.npy")
    image = np.load(shop / "image_feat.npy", mmap_mode="r")
    assert text.dtype == image.dtype == np.float16
    assert text.shape == (8, made["text"]["dim"])
    assert image.shape == (8, 296)
    assert has_text.tolist() == [True, True, False, True, True, False, True, True]
    assert np.load(shop / "image_mask.npy").tolist() == [True] * 3 + [False] + [True] * 4
    assert {name: entry["without"] for name, entry in made.items()} == {"text": 2, "image": 1}
    assert sorted(path.name for path in shop.iterdir()) == [
        "image_feat.npy", "image_mask.npy", "items.tsv", "text_feat.npy", "text_mask.npy",
    ]  # fmt: skip


def test_an_item_that_lacks_a_modality_has_the_mean_of_the_others_for_programs_without_masks(shop):
    run(shop, precision="single")
    text, has = np.load(shop / "text_feat.npy"), np.load(shop / "text_mask.npy")
    assert text.dtype == np.float32
    np.testing.assert_allclose(text[~has], np.tile(text[has].mean(0), (2, 1)), atol=1e-6)
    assert text.any(axis=1).all()


def test_the_folder_is_read_with_its_masks(shop):
    run(shop)
    pairs = [f"{user}\t{item}" for user in range(4) for item in range(8)]
    (shop / "shop.inter").write_text("\n".join(["userID\titemID", *pairs]))
    items = MMRecFolder(shop)[0]["item"]
    assert items.has_text.tolist() == np.load(shop / "text_mask.npy").tolist()


def test_no_encoder_is_asked_about_an_item_without_text(shop, asked):
    """A model would give an empty text a vector of norm 1."""
    run(shop)
    assert asked == ["red shoe", "blue shoe", "red hat", "blue hat", "red sock", "blue sock"]


def test_the_record_states_what_made_the_features(shop, photos):
    (shop / "dataset.json").write_text('{"name": "shop", "licence": "ours"}')
    made = run(shop, images=photos)
    record = json.loads((shop / "dataset.json").read_text())
    assert record["name"] == "shop"
    assert record["features"] == made
    text = record["features"]["text"]
    assert text["encoder"] == "tfidf"
    assert text["columns"] == ["title"]
    assert text["threads"] == 1
    assert {"scikit-learn", "numpy"} <= set(text["versions"])
    assert text["sha256"] == encode.hash_file(shop / "text_feat.npy")
    assert len(text["contents_sha256"]) == 64


def test_twice_the_same_bytes(shop, photos, tmp_path):
    (shop / "dataset.json").write_text("{}")
    run(shop, images=photos)
    first = {path.name: path.read_bytes() for path in shop.iterdir()}
    for path in shop.glob("*.npy"):
        path.unlink()
    (shop / "dataset.json").write_text("{}")
    run(shop, images=photos)
    assert {path.name: path.read_bytes() for path in shop.iterdir()} == first


def test_features_that_were_made_by_the_same_recipe_are_left(shop, asked):
    (shop / "dataset.json").write_text("{}")
    made = run(shop)
    asked.clear()
    assert run(shop) == made
    assert not asked
    run(shop, precision="single")
    assert asked


@pytest.mark.parametrize("record", [None, "{}"])
def test_features_of_others_are_not_overwritten(shop, record):
    np.save(shop / "text_feat.npy", np.eye(8))
    if record:
        (shop / "dataset.json").write_text(record)
    with pytest.raises(FileExistsError, match=r"text_feat.npy is there .* move it away, or keep it by text=null"):
        run(shop)
    np.testing.assert_array_equal(np.load(shop / "text_feat.npy"), np.eye(8))


def test_features_that_were_changed_since_are_not_overwritten(shop):
    (shop / "dataset.json").write_text("{}")
    run(shop)
    np.save(shop / "text_feat.npy", np.eye(8))
    with pytest.raises(FileExistsError, match="not encoded by mmgraph as it is now"):
        run(shop, precision="single")


@pytest.fixture
def full_disk(monkeypatch):
    """A disk that is full once so many parts are written."""

    def after(parts):
        save = np.savez
        count = iter(range(100))

        def savez(file, **arrays):
            if next(count) >= parts:
                raise OSError(errno.ENOSPC, "No space left on device")
            save(file, **arrays)

        monkeypatch.setattr(np, "savez", savez)
        return lambda: monkeypatch.setattr(np, "savez", save)

    return after


def test_on_a_full_disk_it_stops_with_a_sentence_and_then_goes_on(shop, asked, full_disk, capsys):
    free = full_disk(2)
    with pytest.raises(OSError, match=r"could not write .* \(No space left on device\)"):
        run(shop)
    assert not list(shop.glob("*.npy"))
    free()
    asked.clear()
    run(shop, verbose=True)
    assert asked == ["red sock", "blue sock"]
    assert "text_feat.npy: goes on after 6 items" in capsys.readouterr().out
    expected = [[8, 114], [9, 98], [7, 114], [8, 98], [8, 114], [9, 98]]
    np.testing.assert_array_equal(np.load(shop / "text_feat.npy")[np.load(shop / "text_mask.npy")], expected)
    assert not list(shop.glob(".*"))


def test_a_full_disk_at_the_end_leaves_the_parts(shop, asked, monkeypatch):
    def refuse(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(np.lib.format, "write_array_header_1_0", refuse)
        with pytest.raises(OSError, match=r"text_feat.npy .*No space left on device"):
            run(shop)
    assert not list(shop.glob("*_feat.npy"))
    asked.clear()
    run(shop)
    assert not asked


def test_what_was_begun_with_other_settings_is_dropped(shop, asked, full_disk, capsys):
    free = full_disk(2)
    with pytest.raises(OSError, match="No space left"):
        run(shop)
    free()
    asked.clear()
    run(shop, text="another", verbose=True)
    assert len(asked) == 6
    assert "begun with other settings, items or versions is dropped" in capsys.readouterr().out


def test_a_stop_between_modalities_does_not_cost_the_first(shop, photos, asked):
    (shop / "dataset.json").write_text("{}")
    (photos / "1.png").write_bytes(b"broken")
    with pytest.raises(ValueError, match=r"item 1: .*1.png: cannot be read as an image"):
        run(shop, images=photos)
    asked.clear()
    run(shop, images=photos, bad_images="skip")
    assert not asked
    assert np.load(shop / "image_mask.npy").tolist() == [True, False, True, False] + [True] * 4


def test_images_that_are_named_but_not_there_are_shown_and_marked(shop, photos, capsys):
    (photos / "1.png").unlink()
    run(shop, images=photos, verbose=True)
    out = " ".join(capsys.readouterr().out.split())
    assert (
        "image: column image; 2 of 8 items have none, 1 of them because their files are not there ('1.png' for one)"
        in out
    )
    assert not np.load(shop / "image_mask.npy")[1]


def test_numbers_too_large_for_half_precision_are_refused(shop, monkeypatch):
    monkeypatch.setattr(Lengths, "encode", lambda self, contents: np.full((len(contents), 2), 1e6, dtype=np.float32))
    monkeypatch.setattr("mmgraph.prepare.features.sources.text_encoder", lambda name, **_: Lengths([], name))
    with pytest.raises(ValueError, match="item 0: its row is not finite as float16; precision=single holds larger"):
        run(shop)
    assert run(shop, precision="single")["text"]["dim"] == 2


def test_rows_of_zeros_are_marked_as_missing(shop, monkeypatch):
    monkeypatch.setattr(
        Lengths, "encode", lambda self, texts: np.array([[float("shoe" in t)] for t in texts], dtype=np.float32)
    )
    monkeypatch.setattr("mmgraph.prepare.features.sources.text_encoder", lambda name, **_: Lengths([], name))
    run(shop)
    assert np.load(shop / "text_mask.npy").tolist() == [True, True] + [False] * 6
    assert np.load(shop / "text_feat.npy").ravel().tolist() == [1.0] * 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"precision": "double"}, r"precision='double': must be one of \['half', 'single'\]"),
        ({"bad_images": "drop"}, r"bad_images='drop': must be one of \['error', 'skip'\]"),
        ({"batch_size": 0}, "batch_size=0: must be a whole number from 1"),
        ({"device": "gpu"}, "device='gpu': is none that torch can use here"),
        ({"text_columns": ["heading"]}, r"text_columns: .* has no \['heading'\]"),
        ({"text_columns": ["image"], "text": None}, "nothing to encode"),
        ({"images": "nowhere"}, "nowhere: is no folder"),
        ({"image": "owner/model"}, "image=owner/model: where are the files"),
        ({"sounds": "wavs"}, "audio=MODEL and sounds=DIR belong together"),
        ({"audio": "owner/model", "sounds": "."}, "has no column 'audio'"),
    ],
)
def test_wrong_settings(shop, options, message):
    with pytest.raises(ValueError, match=message):
        run(shop, **options)
    assert not list(shop.glob("*.npy"))


def test_texts_that_are_all_empty(shop):
    (shop / "items.tsv").write_text("itemID\ttitle\n0\t\n1\t \n")
    with pytest.raises(ValueError, match=r"no item has a text in title; leave texts out by text=null"):
        run(shop, text_columns=["title"])
    with pytest.raises(ValueError, match="nothing to encode"):
        run(shop)


def test_a_missing_extra_is_named(shop, monkeypatch):
    monkeypatch.setattr(choose, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r'sklearn is not installed: pip install -e ".\[prepare\]"'):
        run(shop)
    with pytest.raises(ModuleNotFoundError, match=r"transformers is not installed: .*\[encoders\]"):
        run(shop, text="owner/model")


def test_a_record_that_is_none(shop):
    (shop / "dataset.json").write_text("[]")
    np.save(shop / "text_feat.npy", np.eye(8))
    with pytest.raises(ValueError, match=r"dataset.json: must be a JSON object"):
        run(shop)
