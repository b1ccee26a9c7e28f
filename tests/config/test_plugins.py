"""Packages that were announced: by whom, where they lie, what is wrong with them."""

import os
import subprocess
import sys

import pytest

from mmgraph.config.instantiate import allowed_class, instantiate
from mmgraph.config.plugins import announced_plugins, loose_folders, usable_plugins
from tests.plugin_package import write_entry_point, write_package


def problems():
    return {plugin.package: plugin.problem for plugin in announced_plugins() if plugin.problem}


def test_nobody_announces_anything_by_himself(own_path):
    assert announced_plugins() == []


def test_a_loose_folder_by_the_environment(loose, tmp_path):
    (plugin,) = usable_plugins()
    folder = tmp_path / "loose" / loose
    assert plugin.package == loose
    assert plugin.announced_by == f"MMGRAPH_PLUGINS={folder}"
    assert plugin.folders == (folder,)
    assert plugin.conf == [folder / "conf"]
    assert sys.path[-1] == str(folder.parent)
    assert announced_plugins() == announced_plugins()
    assert sys.path.count(str(folder.parent)) == 1
    assert loose not in sys.modules


def test_an_installed_package_by_its_entry_point(installed, tmp_path):
    (plugin,) = usable_plugins()
    assert (plugin.package, plugin.version) == (installed, "4.5")
    assert plugin.announced_by == f"entry point {installed} of {installed}"
    assert plugin.conf == [tmp_path / "site-packages" / installed / "conf"]
    assert installed not in sys.modules


def test_several_folders_relative_and_at_home(tmp_path, monkeypatch, own_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MMGRAPH_PLUGINS", os.pathsep.join(["./a/b", "", "~/c"]))
    assert loose_folders() == [tmp_path / "a" / "b", tmp_path / "home" / "c"]


def test_a_package_within_another_is_found_without_importing_that(tmp_path, monkeypatch, new_name, own_path):
    write_package(tmp_path, new_name, code="raise SystemExit('imported')", files={})
    write_package(tmp_path / new_name, "recsys")
    write_entry_point(tmp_path, f"{new_name}.recsys")
    monkeypatch.syspath_prepend(tmp_path)
    (plugin,) = usable_plugins()
    assert plugin.conf == [tmp_path / new_name / "recsys" / "conf"]


def test_what_is_wrong_is_said_and_nothing_is_raised(tmp_path, monkeypatch, new_name, own_path):
    (tmp_path / "a" / "torch").mkdir(parents=True)
    (tmp_path / "a" / "no-name").mkdir()
    (tmp_path / "a" / "json").mkdir()
    write_entry_point(tmp_path / "b", new_name)
    monkeypatch.syspath_prepend(tmp_path / "b")
    folders = [tmp_path / "a" / name for name in ("torch", "no-name", "json", "absent")]
    monkeypatch.setenv("MMGRAPH_PLUGINS", os.pathsep.join(map(str, folders)))
    found = problems()
    assert found.keys() == {"torch", "no-name", "json", "absent", new_name}
    assert found["absent"] == "there is no such folder"
    assert "is the name of another package" in found["torch"]
    assert "no name that Python can import" in found["no-name"]
    assert f"Python finds another json before it, in {os.path.dirname(os.__file__)}" in found["json"]
    assert found[new_name] == "Python does not find it"
    assert usable_plugins() == []


@pytest.mark.parametrize("kind", ["Mine", "Double", "Softplus", "Mark", "Data", "Batches", "Ranks"])
@pytest.mark.parametrize("way", ["loose", "installed"])
def test_classes_of_every_kind_may_be_named(request, way, kind):
    package = request.getfixturevalue(way)
    assert allowed_class(f"{package}.{kind}", "thing").__name__ == kind


@pytest.mark.parametrize("name", ["function", "Anything", "torch.load", "torch.nn.Module.eval"])
def test_nothing_else_of_a_plugin_may_be_named(loose, name):
    with pytest.raises(ValueError, match=r"not allowed: a config may name public classes only .*Recommender/LossTerm"):
        allowed_class(f"{loose}.{name}", "thing")


def test_a_class_of_a_package_that_nobody_announced_says_both_ways(tmp_path, monkeypatch, new_name, own_path):
    write_package(tmp_path, new_name, code="raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match="is no plugin") as caught:
        instantiate({"_target_": f"{new_name}.Mine"}, "model")
    message = str(caught.value)
    assert f"model._target_='{new_name}.Mine' is not allowed" in message
    assert f"MMGRAPH_PLUGINS=<path>/{new_name}" in message
    assert f'entry point of the group mmgraph.plugins: {new_name} = "{new_name}"' in message


def test_a_class_of_a_broken_plugin_names_what_is_wrong(tmp_path, monkeypatch, new_name, own_path):
    monkeypatch.setenv("MMGRAPH_PLUGINS", str(tmp_path / new_name))
    with pytest.raises(ValueError, match=rf"{new_name} \(MMGRAPH_PLUGINS=.*\) is left out: there is no such folder"):
        allowed_class(f"{new_name}.Mine", "model")
    assert allowed_class("torch.nn.Linear", "layer").__name__ == "Linear"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import a_package_that_is_not_there", "No module named 'a_package"),
        ("x = (", r"was never closed"),
        ("1 / 0", "zero"),
    ],
)
def test_a_plugin_that_cannot_be_imported_is_named(tmp_path, monkeypatch, new_name, own_path, code, message):
    package = write_package(tmp_path, new_name, code=code)
    monkeypatch.setenv("MMGRAPH_PLUGINS", str(package))
    with pytest.raises(ValueError, match=rf"model\._target_='{new_name}\.Mine' cannot be imported: .*{message}"):
        allowed_class(f"{new_name}.Mine", "model")


def test_looking_for_plugins_needs_no_torch():
    code = "import sys, mmgraph.config.plugins as p; p.announced_plugins(); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
