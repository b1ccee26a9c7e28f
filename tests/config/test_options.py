"""Files of a user's own, by --config-dir."""

import pytest

from mmgraph.cli.train import main
from mmgraph.config.compose import compose_config

MINE = "_target_: mmgraph.models.MFBPR\n_partial_: true\nemb_dim: 8\n"


@pytest.fixture
def config_dir(tmp_path):
    (tmp_path / "mine" / "model").mkdir(parents=True)
    (tmp_path / "mine" / "model" / "mine.yaml").write_text(MINE)
    return tmp_path / "mine"


def says(capsys, *words):
    with pytest.raises(SystemExit) as caught:
        main([*map(str, words)])
    assert caught.value.code == 1
    return capsys.readouterr().err


def test_a_file_of_ones_own_is_an_option(config_dir):
    cfg = compose_config(["model=mine", "graph=none", "loss=bpr"], config_dir=config_dir)
    assert (cfg.model_name, cfg.model.emb_dim) == ("mine", 8)


def test_a_model_of_ones_own_without_a_loss_says_what_to_write(config_dir, capsys):
    message = says(capsys, "--config-dir", config_dir, "model=mine")
    assert "model=mine brings no loss: write conf/loss/mine.yaml" in message


def test_ones_own_files_are_suggested(config_dir, capsys):
    assert "did you mean mine?" in says(capsys, "--config-dir", config_dir, "model=min")


def test_a_built_in_name_is_taken(config_dir, capsys):
    (config_dir / "model" / "rednd.yaml").write_text(MINE)
    message = says(capsys, "--config-dir", config_dir, "model=rednd")
    assert "model/rednd.yaml has the name of a built-in file" in message
    assert "--config-path" in message


@pytest.mark.parametrize("others", [["model=mine"], ["resume=run"]])
def test_a_folder_that_is_not_there(config_dir, capsys, others):
    message = says(capsys, "--config-dir", f"{config_dir}e", *others)
    assert f"there is no such folder; did you mean {config_dir}?" in message


def test_a_stranger_s_file_calls_nothing(config_dir, tmp_path, capsys):
    (config_dir / "hydra" / "callbacks").mkdir(parents=True)
    mark = tmp_path / "called"
    evil = f"x:\n  _target_: pathlib.Path.touch\n  _args_: [{mark}]\n"
    (config_dir / "hydra" / "callbacks" / "evil.yaml").write_text(evil)
    assert "is not allowed" in says(capsys, "--config-dir", config_dir, "hydra/callbacks=evil")
    assert not mark.exists()


@pytest.mark.parametrize("flags", [["--cfg", "job"], ["--info"]])
def test_what_only_shows_does_not_go_on_with_a_run(capsys, flags):
    assert f"leave out {' '.join(flags)}" in says(capsys, "resume=run", *flags)
