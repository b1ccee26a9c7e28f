"""What the page says of a run: settings, curves, where it comes from, attribution."""

import json

import pytest
from omegaconf import OmegaConf

from mmgraph.config.compose import compose_config
from mmgraph.evidence.finished import find_runs, group_by_seed
from mmgraph.evidence.page.attribution import attribution
from mmgraph.evidence.page.curves import curves
from mmgraph.evidence.page.origin import origin
from mmgraph.evidence.page.settings import settings
from tests.conftest import run_report
from tests.evidence.page.runs import hits_of, save_run

HITS = hits_of([1, 0], [0, 0])


def test_settings_that_differ_from_the_composition_are_told():
    words = ["model=mf_bpr", "dataset=synthetic", "model.emb_dim=8", "seed=3", "evaluator.ks=[5]"]
    config = OmegaConf.to_container(compose_config(words)) | {"overrides": words}
    usual = compose_config(["model=mf_bpr", "dataset=synthetic"])
    found = settings(run_report(config=config))
    assert found["changed"] == [
        ["model.emb_dim", "8", str(usual.model.emb_dim)],
        ["evaluator.ks", "[5]", f"[{', '.join(map(str, usual.evaluator.ks))}]"],
    ]
    assert ("model.emb_dim", "8") in found["all"]
    assert not any("root" in key or key == "overrides" for key, _ in found["all"]), "nor places"


def test_of_a_model_that_is_not_here_nothing_is_compared():
    found = settings(run_report(config={"model_name": "ours", "model": {"emb_dim": 8}}))
    assert found == {"all": [("model.emb_dim", "8")], "changed": None}


def group_of(folder):
    (group,) = group_by_seed(find_runs([folder]))
    return group


def test_curves_are_thinned_and_keep_the_best_epoch(tmp_path):
    history = [{"epoch": epoch, "loss/bpr": 1 / (1 + epoch), "val/recall@2": 0.5} for epoch in range(1000)]
    save_run(tmp_path / "a", "m", HITS, history=history, best_epoch=777, resumed_at=[40])
    found = curves(group_of(tmp_path), "recall@2")
    (run,) = found["runs"]
    assert found["panels"] == ["val/recall@2", "loss/bpr"]
    assert 100 < len(run["epochs"]) < 130
    assert {0, 777, 999} <= set(run["epochs"])
    assert run["values"][1][0] == 1.0
    assert (run["best"], run["resumed"]) == (777, [40])


def test_a_model_without_epochs_has_no_curves(tmp_path):
    save_run(tmp_path / "a", "m", HITS, history=[], best_epoch=None)
    assert curves(group_of(tmp_path), "recall@2") is None


def test_epochs_that_were_not_ranked_are_gaps(tmp_path):
    history = [{"epoch": 0, "loss/bpr": 0.5}, {"epoch": 1, "loss/bpr": 0.4, "val/recall@2": 0.5}]
    save_run(tmp_path / "a", "m", HITS, history=history)
    assert curves(group_of(tmp_path), "recall@2")["runs"][0]["values"][0] == [None, 0.5]


def test_the_origin_names_the_folder_without_its_place(tmp_path):
    warm = {"run": "/home/somebody/secret/yesterday"}
    save_run(tmp_path / "mine", "m", HITS, resumed_at=[3, 7], machine="Linux, 2 CPU cores", warm_start=warm)
    (found,) = origin(group_of(tmp_path))
    assert (found["folder"], found["warm start"]) == ("mine", "yesterday")
    assert found["cut off and resumed at epoch"] == "3, 7"
    assert found["machine"] == "Linux, 2 CPU cores"
    assert not any("/" in value for value in found.values())


def test_attribution_is_shown_where_it_was_asked_for(tmp_path):
    save_run(tmp_path / "a", "m", HITS)
    assert attribution(group_of(tmp_path), "recall@2") is None
    row = {"change": "permuted", "modalities": "text", "split": "test", "verdict": "beyond the floor", "level": 0.4}
    row |= {"changed": 0.3, "cost": 0.1, "over_users": None, "level_floor": 0.01, "paired_floor": 0.02}
    effects = [row | {"metric": "recall@2"}, row | {"metric": "ndcg@2"}]
    (tmp_path / "a" / "attribution.json").write_text(json.dumps({"effects": effects}))
    assert attribution(group_of(tmp_path), "recall@2") == [
        ["permuted", "text", "test", "beyond the floor", 0.4, 0.3, 0.1, None, 0.01, 0.02]
    ]


@pytest.mark.parametrize("text", ["", "[]", '{"effects": [{}]}', '{"effects": 3}'])
def test_a_damaged_attribution_names_the_file(tmp_path, text):
    save_run(tmp_path / "a", "m", HITS)
    (tmp_path / "a" / "attribution.json").write_text(text)
    with pytest.raises(ValueError, match=r"attribution\.json is not what mmgraph-attribute writes"):
        attribution(group_of(tmp_path), "recall@2")
