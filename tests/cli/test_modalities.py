"""Sweeps over modalities end before their first job where a name does not fit."""

import numpy as np
import pytest
from omegaconf import OmegaConf

from mmgraph.cli.modalities import ModalitiesCallback
from mmgraph.config.compose import conf_dir

EXPERIMENTS = ["mgnm-table3", "nsmar-figure4-modalities"]


def begin(dataset, *words, experiment="mgnm-table3", choice="mine"):
    """What Hydra tells a callback at the start of a sweep."""
    hydra = OmegaConf.load(conf_dir() / "experiment" / f"{experiment}.yaml").hydra
    hydra.runtime = {"choices": {"experiment": experiment, "dataset": choice}}
    hydra.overrides = {"task": [f"experiment={experiment}", *words]}
    ModalitiesCallback().on_multirun_start(OmegaConf.create({"dataset": dataset, "hydra": hydra}))


@pytest.fixture
def folder(tmp_path):
    for name in ("audio", "text"):
        np.save(tmp_path / f"{name}_feat.npy", np.ones((2, 2), dtype=np.float32))
    return {"root": str(tmp_path), "modalities": None}


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_names_that_the_data_do_not_have(folder, experiment):
    with pytest.raises(SystemExit) as error:
        begin(folder, experiment=experiment)
    assert str(error.value) == (
        f"Error: experiment={experiment} names modalities that dataset=mine does not have: image; it has audio, text.\n"
        "Say which each job keeps (null: all): 'dataset.modalities=null,[audio],[text]'"
    )


def test_words_of_the_command_line_take_the_place_of_the_experiments(folder):
    begin(folder, "dataset.modalities=null,[text],[audio,text]")
    with pytest.raises(SystemExit, match="does not have: smell; it has"):
        begin(folder, "dataset.modalities=null,[text],[smell]")


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_the_default_data_set_has_what_the_experiments_name(experiment):
    begin(OmegaConf.load(conf_dir() / "dataset" / "synthetic.yaml"), experiment=experiment, choice="synthetic")


def test_a_folder_that_is_not_there_is_left_to_the_job(tmp_path):
    begin({"root": str(tmp_path / "nowhere")})
