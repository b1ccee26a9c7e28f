"""A model of somebody else's package from Python."""

import pytest

from mmgraph.config.instantiate import allowed_class
from mmgraph.datasets import Synthetic
from mmgraph.pipeline.api import load, run
from mmgraph.pipeline.catalog import list_models
from mmgraph.pipeline.environment import plugin_versions
from tests.plugin_package import FILES, write_package

SMALL = {"num_users": 60, "num_items": 60, "num_topics": 4}


@pytest.mark.parametrize("way", ["loose", "installed"])
def test_run_load_and_the_list_of_models(request, tmp_path, way):
    package = request.getfixturevalue(way)
    found = run("mine", Synthetic(**SMALL), max_epochs=2, verbose=False)
    assert type(found.model).__module__ == package
    assert found.model.layer.__class__.__name__ == "Double"
    assert found.report.versions[package].startswith("1.2.3" if way == "loose" else "4.5")
    again = load(found.save(tmp_path / "run"))
    assert again.recommend([3], k=5).ids.tolist() == found.recommend([3], k=5).ids.tolist()
    mine = next(model for model in list_models() if model.name == "mine")
    assert (mine.paper, mine.needs_modalities, mine.cost) == ("Mine, in no journal", False, "light")


def test_a_run_of_a_plugin_that_is_gone_says_what_to_do(tmp_path, loose, monkeypatch):
    path = run("mine", Synthetic(**SMALL), max_epochs=1, verbose=False).save(tmp_path / "run")
    monkeypatch.delenv("MMGRAPH_PLUGINS")
    opened = load(path)
    assert opened.test
    with pytest.raises(ValueError, match=f"{loose} is no plugin"):
        opened.model  # noqa: B018


def test_data_of_a_class_that_derives_from_a_built_in_one_are_not_taken_for_that(loose, tmp_path):
    data = allowed_class(f"{loose}.Data", "dataset")(**SMALL)
    found = run("mine", data, max_epochs=1, verbose=False)
    assert found.config.dataset._target_ == "mmgraph.datasets.InHand"
    path = found.save(tmp_path / "run")
    assert load(path, data=data).recommend([3], k=5).ids.shape == (1, 5)


def test_only_plugins_that_a_run_uses_are_reported(loose):
    assert plugin_versions({"model": {"_target_": "mmgraph.models.RedND"}}) == {}
    assert list(plugin_versions({"loss": {"terms": [{"_target_": f"{loose}.Softplus"}]}})) == [loose]


@pytest.mark.parametrize(
    ("code", "model", "message"),
    [
        ("1 / 0", FILES["model/mine.yaml"], "model=mine is left out: .*cannot be imported: division by zero"),
        (None, "_target_: NAME.Double", "model=mine is left out: Double is no mmgraph.models.Recommender"),
        (None, "x: [", "model=mine is left out: while parsing"),
        (None, "", "model=mine is left out: "),
    ],
)
def test_the_list_of_models_leaves_out_what_is_broken(tmp_path, monkeypatch, new_name, own_path, code, model, message):
    files = {"model/mine.yaml": model}
    package = write_package(tmp_path, new_name, files=files, **({} if code is None else {"code": code}))
    monkeypatch.setenv("MMGRAPH_PLUGINS", str(package))
    with pytest.warns(UserWarning, match=message):
        names = [model.name for model in list_models()]
    assert "rednd" in names
    assert "mine" not in names


@pytest.mark.parametrize(
    ("place", "node", "words", "message"),
    [
        (
            "model/mine.yaml",
            "_target_: NAME.Batches\n_partial_: true",
            {},
            r"model\._target_ must name .*Recommender",
        ),
        ("model/mine.yaml", "_target_: NAME.Double", {}, "model is completed with the data: it needs _partial_: true"),
        ("graph/mine.yaml", "mark: {_target_: NAME.Double}", {}, r"graph\.mark\._target_ must name .*BaseTransform; "),
        ("loss/mine.yaml", "_target_: NAME.Softplus", {}, r"loss\._target_ must name .*Objective; .*Softplus does not"),
        ("loader/own.yaml", "_target_: NAME.Double", {"loader": "own"}, "loader is completed with the data"),
    ],
)
def test_a_class_in_the_wrong_place_is_named(tmp_path, monkeypatch, new_name, own_path, place, node, words, message):
    package = write_package(tmp_path, new_name, files={**FILES, place: node})
    monkeypatch.setenv("MMGRAPH_PLUGINS", str(package))
    with pytest.raises(ValueError, match=message):
        run("mine", Synthetic(**SMALL), max_epochs=1, verbose=False, **words)
