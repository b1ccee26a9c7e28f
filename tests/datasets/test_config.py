import inspect
from pathlib import Path

import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from hydra.utils import get_class, instantiate
from omegaconf import OmegaConf

from mmgraph.datasets import MMRecFolder, Synthetic

CONF = Path(__file__).parents[2] / "conf"
IN_HAND = "memory"  # what Python gives; the configuration only names it
NAMES = sorted({path.stem for path in (CONF / "dataset").glob("*.yaml")} - {IN_HAND})


def config(name, *overrides):
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose(overrides=[f"+dataset={name}", "+data_root=/nowhere", *overrides]).dataset


def test_the_sets_of_the_papers_are_there():
    assert {"baby", "sports", "clothing", "office", "beauty", "games", "tiktok", "lfm2k", "synthetic", "folder"} <= set(
        NAMES
    )


@pytest.mark.parametrize("name", NAMES)
def test_keys_are_what_the_constructor_takes(name):
    chosen = config(name)
    parameters = set(inspect.signature(get_class(chosen._target_)).parameters)
    assert parameters - set(chosen) == {"transform"}
    assert set(chosen) - parameters == {"_target_"}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("folder", "synthetic")])
def test_a_named_set_that_is_not_there(name):
    chosen = OmegaConf.to_container(config(name), resolve=True)
    del chosen["_target_"]
    with pytest.raises(FileNotFoundError, match=f"no {name}.inter in /nowhere/{name}.\nFetch it: the ") as caught:
        MMRecFolder(**chosen)
    assert chosen["source"] in str(caught.value)


def test_any_folder(folder):
    dataset = instantiate(config("folder", f"dataset.root={folder}", "dataset.features={image: [standardize, l2]}"))
    assert dataset.split_hash == MMRecFolder(folder).split_hash
    instantiate(config("folder", f"dataset.root={folder}", "dataset.min_rating=2", "dataset.modalities=[text]"))


def test_scalings_by_modality_can_be_swapped_for_one_word():
    assert config("tiktok").features == {"image": ["standardize", "l2"]}
    assert config("tiktok", "dataset.features=raw").features == "raw"


def test_synthetic_equals_its_defaults():
    dataset = instantiate(config("synthetic"))
    assert dataset.split_hash == Synthetic().split_hash


@pytest.mark.data
def test_audio_of_lfm2k_is_scaled_by_its_config(real_data):
    item = instantiate(config("lfm2k", f"data_root={real_data}"))[0]["item"]
    for name in ("audio", "speech", "text"):
        norms = item[f"x_{name}"].norm(dim=1)
        np.testing.assert_allclose(norms, np.ones(1425), atol=1e-5)
        assert item[f"x_{name}"].mean(0).norm() < (0.1 if name != "text" else 0.8)
