"""Runs under a control: the same split, other features, and a folder that knows which."""

import json

import numpy as np
import pytest

from mmgraph.cli.evaluate import evaluate
from mmgraph.datasets import MMRecFolder, Shuffle, Synthetic
from mmgraph.evidence.finished import FinishedRun, group_by_seed
from mmgraph.pipeline.api import load, run

SMALL = {"max_epochs": 1, "verbose": False}


@pytest.fixture(scope="module")
def data():
    return Synthetic(num_users=60, num_items=60, modalities={"image": 6, "text": 3})


@pytest.fixture(scope="module")
def controlled(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    return run("vbpr", data, control="shuffle", overrides={"control.modalities": ["text"]}, folder=folder, **SMALL)


def test_the_report_says_which_control_ran(controlled, data):
    report = json.loads((controlled.folder / "report.json").read_text())
    assert report["control"] == {"kind": "shuffle", "modalities": ["text"], "seed": 0}
    assert report["split_hash"] == data.split_hash
    assert report["feature_hash"] == data.controlled(Shuffle(modalities=["text"], seed=0)).feature_hash
    assert report["feature_hash"] != data.feature_hash


def test_a_run_without_a_control_has_none_in_its_configuration(data):
    plain = run("vbpr", data, **SMALL)
    assert plain.report.control is None
    assert "control" not in plain.config
    assert run("vbpr", data, control="none", **SMALL).report.configuration_hash == plain.report.configuration_hash


def test_the_same_control_goes_on_and_another_is_refused(controlled, data):
    words = {"control.modalities": ["text"]}
    again = run("vbpr", data, control="shuffle", overrides=words, folder=controlled.folder, **SMALL)
    assert again.test == controlled.test
    for others in ({"control": "noise", "overrides": words}, {"control": "shuffle"}, {}):
        with pytest.raises(ValueError, match=r"another configuration .*control"):
            run("vbpr", data, folder=controlled.folder, **others, **SMALL)


def test_what_was_trained_is_restored_under_its_control(controlled, capsys):
    evaluate(controlled.folder)
    assert "equal to" in capsys.readouterr().out
    assert load(controlled.folder).dataset.feature_hash == controlled.report.feature_hash


def test_data_in_hand_are_controlled_anew_when_a_run_is_opened(data, tmp_path):
    graph = data[0]
    trained = run("vbpr", graph, control="noise", folder=tmp_path / "run", **SMALL)
    opened = load(tmp_path / "run", data=graph)
    assert opened.dataset.feature_hash == trained.report.feature_hash
    assert opened.model.project.weight.equal(trained.model.project.weight)


def test_the_last_modality_is_not_dropped_for_a_model_that_needs_one(data):
    words = {"control.modalities": ["image", "text"]}
    with pytest.raises(ValueError, match=r"control=drop takes the last modality away \(image, text\), and model=vbpr"):
        run("vbpr", data, control="drop", overrides=words, **SMALL)
    assert run("mf_bpr", data, control="drop", overrides=words, **SMALL).report.dataset_summary["modalities"] == {}


def test_seeds_of_a_control_are_one_group(data, tmp_path):
    runs = [run("vbpr", data, control="shuffle", seed=seed, folder=tmp_path / str(seed), **SMALL) for seed in (0, 1)]
    assert runs[0].report.feature_hash != runs[1].report.feature_hash
    runs.append(run("vbpr", data, control="noise", folder=tmp_path / "noise", **SMALL))
    groups = group_by_seed(FinishedRun.open(each.folder) for each in runs)
    assert [group.seeds for group in groups] == [[0, 1], [0]]


def test_scalings_of_what_is_left_serve_new_items(tmp_path):
    root = tmp_path / "toy"
    root.mkdir()
    pairs = [(user, item) for user in range(12) for item in range(60) if (user + item) % 2]
    (root / "toy.inter").write_text("userID\titemID\n" + "".join(f"{u}\t{i}\n" for u, i in pairs))
    np.save(root / "text_feat.npy", np.random.default_rng(0).normal(3, 2, (60, 4)).astype("float32"))
    folder = MMRecFolder(root, features="standardize")
    lost = run("vbpr", folder, control="missing", overrides={"control.rate": 0.5}, **SMALL).dataset
    has = lost[0]["item"].has_text.numpy()
    rows = np.load(root / "text_feat.npy")[has]
    np.testing.assert_allclose(lost.scale_features("text", rows), lost[0]["item"].x_text[has], atol=1e-6)
    np.testing.assert_allclose(lost[0]["item"].x_text[has].mean(0), 0, atol=1e-5)
