import shutil
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from mmgraph.cli.resume import split_resume, stored_config
from mmgraph.config.compose import compose_config
from mmgraph.pipeline.moved_data import absolute


@pytest.fixture
def run_dir(tmp_path):
    cfg = compose_config(["model=lightgcn", "trainer.max_epochs=3"])
    cfg.overrides = ["model=lightgcn", "trainer.max_epochs=3"]
    (tmp_path / "config.yaml").write_text(OmegaConf.to_yaml(cfg))
    return tmp_path


def test_words_are_told_apart():
    assert split_resume(["model=rednd"]) == (None, ["model=rednd"])
    assert split_resume(["resume='a dir'", "seed=1"]) == (Path("a dir"), ["seed=1"])


def test_the_home_folder(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert split_resume(["resume=~/run"]) == (Path("/home/me/run"), [])
    assert absolute("'~/data'") == "/home/me/data"


@pytest.mark.parametrize("words", [["resume="], ["resume=null"], ["resume=a", "resume=b"], ["-m", "resume=a"]])
def test_words_that_make_no_sense(words):
    with pytest.raises(ValueError, match="resume"):
        split_resume(words)


def test_nothing_else_on_the_command_line_gives_the_stored_configuration(run_dir):
    cfg = stored_config(run_dir, [], compose_config)
    assert (cfg.model_name, cfg.trainer.max_epochs) == ("lightgcn", 3)


def test_repeating_what_the_run_began_with_is_fine(run_dir):
    assert stored_config(run_dir, ["model=lightgcn", "trainer.max_epochs=3", "seed=0"], compose_config).seed == 0


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("trainer.max_epochs=4", "trainer.max_epochs: 3 -> 4"),
        ("model=rednd", "model_name: 'lightgcn' -> 'rednd'"),
        ("seed=5", "seed: 0 -> 5"),
        ("~logger.csv", "logger.csv"),
        ("+model.new=1", "model.new: None -> 1"),
    ],
)
def test_a_conflicting_override_names_the_key(run_dir, word, key):
    with pytest.raises(ValueError, match="would change") as caught:
        stored_config(run_dir, [word], compose_config)
    assert key in str(caught.value)


def test_a_folder_without_a_run(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no config\.yaml"):
        stored_config(tmp_path, [], compose_config)


@pytest.mark.parametrize("word", ["graph=lightgcn", "graph=none"])
def test_options_of_earlier_versions_that_said_only_none(run_dir, tmp_path, word):
    begun = tmp_path / "begun"
    shutil.copytree(run_dir, begun)
    cfg = OmegaConf.load(begun / "config.yaml")
    cfg.overrides = [*cfg.overrides, word]
    OmegaConf.save(cfg, begun / "config.yaml")
    assert stored_config(begun, ["seed=0"], compose_config).seed == 0
    with pytest.raises(ValueError, match="would change"):
        stored_config(begun, ["seed=1"], compose_config)
