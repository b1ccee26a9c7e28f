"""The files of plugins beside the built-in ones."""

import os

import pytest
from hydra.errors import MissingConfigException

from mmgraph.config.compose import compose_config, conf_dir, conf_dirs, option_names
from tests.plugin_package import FILES, write_package


@pytest.mark.parametrize("way", ["loose", "installed"])
def test_a_plugin_brings_its_files(request, way):
    package = request.getfixturevalue(way)
    cfg = compose_config(["model=mine", "dataset=own", "loader=own", "evaluator=own"])
    assert cfg.model._target_ == f"{package}.Mine"
    assert cfg.model.emb_dim == 4  # tuned/mine-own
    assert list(cfg.graph) == ["mark"]
    assert cfg.loss.terms.soft._target_ == f"{package}.Softplus"
    assert compose_config(["model=mine", "ablation=mine-narrow"]).model.emb_dim == 2
    assert {"mine", "rednd"} <= {*option_names("model")}
    assert compose_config(["model=lightgcn"]).model_name == "lightgcn"


def test_a_model_without_a_loss_is_not_given_another(tmp_path, monkeypatch, new_name, own_path):
    files = {name: text for name, text in FILES.items() if not name.startswith("loss/")}
    monkeypatch.setenv("MMGRAPH_PLUGINS", str(write_package(tmp_path, new_name, files=files)))
    with pytest.raises(MissingConfigException, match=r"model=mine brings no loss: write conf/loss/mine\.yaml beside"):
        compose_config(["model=mine"])
    with pytest.raises(MissingConfigException, match="loss=mien: there is no such file"):
        compose_config(["model=mine", "loss=mien"])
    assert list(compose_config(["model=mine", "loss=bpr"]).loss.terms) == ["bpr"]


def test_a_name_that_is_taken_leaves_the_plugin_out_and_is_refused_where_it_is_chosen(
    tmp_path, monkeypatch, new_name, own_path
):
    files = {**FILES, "model/rednd.yaml": "_target_: NAME.Mine\n_partial_: true"}
    monkeypatch.setenv("MMGRAPH_PLUGINS", str(write_package(tmp_path, new_name, files=files)))
    assert conf_dirs() == [conf_dir()]
    assert compose_config(["model=lightgcn"]).model_name == "lightgcn"
    problem = rf"the plugin {new_name} .* is left out: model/rednd.yaml in .* has the name of a file"
    with pytest.raises(ValueError, match=f"model=rednd: {problem}"):
        compose_config(["model=rednd"])
    with pytest.raises(MissingConfigException, match=problem):
        compose_config(["model=mine"])


def test_two_plugins_with_one_name(tmp_path, monkeypatch, new_name, own_path):
    first = write_package(tmp_path, new_name)
    second = write_package(tmp_path, f"{new_name}_b", files={"model/mine.yaml": "x: 1", "model/other.yaml": "x: 1"})
    monkeypatch.setenv("MMGRAPH_PLUGINS", os.pathsep.join([str(first), str(second)]))
    with pytest.raises(ValueError, match=f"model=mine: the plugin {new_name}_b"):
        compose_config(["model=mine"])


def test_config_dir_beside_a_plugin(tmp_path, loose):
    own = tmp_path / "my_conf"
    (own / "model").mkdir(parents=True)
    (own / "model" / "wide.yaml").write_text("defaults: [mine]\nemb_dim: 99\n")
    words = ["model=wide", "loss=mine", "graph=mine"]
    assert compose_config(words, config_dir=own).model.emb_dim == 99
    (own / "model" / "mine.yaml").write_text("{}")
    with pytest.raises(ValueError, match=f"model/mine.yaml has the name of a file of the plugin {loose}"):
        compose_config(words, config_dir=own)


def test_no_config_sets_which_plugins_there_are(tmp_path):
    own = tmp_path / "my_conf"
    (own / "experiment").mkdir(parents=True)
    text = "# @package _global_\nhydra: {job: {env_set: {MMGRAPH_PLUGINS: ./evil}}}\n"
    (own / "experiment" / "evil.yaml").write_text(text)
    with pytest.raises(ValueError, match=r"hydra\.job\.env_set\.MMGRAPH_PLUGINS is not allowed: .* never by a config"):
        compose_config(["experiment=evil"], config_dir=own)
