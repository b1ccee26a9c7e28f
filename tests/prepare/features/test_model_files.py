"""Where models come from, and which are refused; no model is loaded here."""

import json
from pathlib import Path

import pytest

from mmgraph.prepare.features.model_files import find_model, hash_model, read_config

hub = pytest.importorskip("huggingface_hub")


@pytest.fixture
def model(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    return tmp_path


@pytest.fixture
def fetched(monkeypatch, model):
    """What is asked of the hub, whose cache is empty and which has one model."""
    asked = []

    def snapshot_download(name, *, allow_patterns, local_files_only=False):
        asked.append((name, local_files_only, allow_patterns))
        if local_files_only:
            raise hub.errors.LocalEntryNotFoundError("not in the cache")
        if name != "owner/model":
            raise OSError("Name or service not known")
        return str(model)

    monkeypatch.setattr(hub, "snapshot_download", snapshot_download)
    return asked


def test_a_folder_is_taken_as_it_is(model, fetched):
    assert find_model(str(model)) == model
    assert not fetched


def test_the_cache_is_asked_before_the_hub_and_neither_for_code_or_pickles(model, fetched):
    assert find_model("owner/model") == model
    assert [local for _, local, _ in fetched] == [True, False]
    patterns = {pattern for _, _, listed in fetched for pattern in listed}
    assert patterns == {"*.json", "*.txt", "*.model", "*.safetensors"}


def test_what_lies_in_the_cache_is_not_asked_of_the_hub(model, monkeypatch):
    monkeypatch.setattr(hub, "snapshot_download", lambda name, *, local_files_only, **_: str(model))
    assert find_model("owner/model") == model


def test_what_is_nowhere(fetched):
    with pytest.raises(FileNotFoundError, match=r"tfdif: is no encoder \(tfidf, colour\), no folder, and no model"):
        find_model("tfdif")
    with pytest.raises(FileNotFoundError, match=r"owner/other: .*could not be fetched \(Name or service not known\)"):
        find_model("owner/other")
    assert [name for name, _, _ in fetched] == ["owner/other"] * 2


@pytest.mark.parametrize("name", ["pytorch_model.bin", "mobilenet_v2.pth", "model.pt"])
def test_pickled_weights_are_refused(model, name):
    (model / "model.safetensors").rename(model / name)
    with pytest.raises(ValueError, match=rf"has its weights as {name}, which would have to be unpickled"):
        find_model(str(model))


def test_pickled_weights_of_a_part_are_refused(model):
    """sentence-transformers would read the dense layer of a model from its pickle."""
    (model / "2_Dense").mkdir()
    (model / "2_Dense" / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ValueError, match=r"2_Dense: has its weights as pytorch_model.bin"):
        find_model(str(model))


def test_folders_that_hold_no_model(model):
    (model / "model.safetensors").unlink()
    with pytest.raises(ValueError, match="has no weights"):
        find_model(str(model))
    (model / "config.json").unlink()
    with pytest.raises(ValueError, match="holds no model"):
        find_model(str(model))


def test_the_hash_follows_every_file_that_matters(model):
    before = hash_model(model)
    (model / "README.md").write_text("hello")
    assert hash_model(model) == before
    (model / "tokenizer.json").write_text("{}")
    assert hash_model(model) != before


@pytest.mark.parametrize("text", ["{", "[]"])
def test_settings_that_are_none(model, text):
    Path(model / "config.json").write_text(text)
    with pytest.raises(ValueError, match=r"config.json: (cannot be read|must be a JSON object)"):
        read_config(model)
    (model / "config.json").write_text(json.dumps({"a": 1}))
    assert read_config(model) == {"a": 1}
