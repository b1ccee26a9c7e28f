from dataclasses import replace

import attribution
import pytest
from omegaconf import OmegaConf

import mmgraph
from mmgraph.config.compose import compose_config
from mmgraph.evidence.attribution import Attribution
from mmgraph.evidence.effects import Change, Effect
from mmgraph.evidence.finished import FinishedRun, RunGroup


@pytest.fixture
def page(few_runs, monkeypatch, tmp_path):
    monkeypatch.setattr(attribution, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["attribution.py", "synthetic", str(few_runs), "--permutations", "1"])
    attribution.main()
    return (tmp_path / "synthetic" / "attribution.md").read_text()


def test_a_row_has_what_each_change_costs_and_its_control(page, few_runs):
    head, _, row, *_ = [line for line in page.splitlines() if line.startswith("|")]
    names = [cell.strip() for cell in head.strip("|").split("|")]
    cells = dict(zip(names, [cell.strip().strip("*") for cell in row.strip("|").split("|")], strict=True))
    folders = [few_runs / f"none-{seed}" for seed in (0, 1)]
    controls = [few_runs / f"shuffle-{seed}" for seed in (0, 1)]
    found = mmgraph.attribute(folders, controls=controls, permutations=1)
    for kind, names in (("permuted", ["text"]), ("removed", ["text"]), ("trained on shuffle", ["image", "text"])):
        expected = found.effect(kind, *names, split="test").cost
        assert cells[f"{' + '.join(names)}, {kind}"] == f"{expected:+.4f}"
    assert cells["seeds"] == "2"


def test_models_without_features_have_no_row(page):
    assert "popularity" not in page
    assert page.count("\n- vbpr") == 1


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("model.emb_dim=64", "vbpr `model.emb_dim=64` (the default)"),
        ("model.emb_dim=16", "vbpr `model.emb_dim=16`"),
        ("", "vbpr"),
    ],
)
def test_a_word_that_states_the_default_is_said_to(few_runs, word, label):
    run = FinishedRun.open(few_runs / "none-0")
    words = ["model=vbpr", "dataset=synthetic", *filter(None, [word])]
    config = OmegaConf.to_container(compose_config(words), resolve=True)
    group = RunGroup([FinishedRun(run.folder, replace(run.report, config=config))])
    assert attribution.label(group) == label


@pytest.mark.parametrize(
    ("costs", "said"),
    [
        ({"permuted": 0.1, "removed": 0.2}, "leans on text"),
        ({"removed": -0.2}, "is hurt by text"),
        ({"permuted": 0.1, "removed": -0.2}, "within the floors, or the ways disagree"),
    ],
)
def test_what_all_ways_say_together(costs, said):
    effects = [
        Effect(
            change=Change(kind, ("text",)),
            split="test",
            metric="recall@20",
            levels={0: 0.4, 1: 0.401},
            changed={0: 0.4 - cost, 1: 0.401 - cost},
        )
        for kind, cost in costs.items()
    ]
    found = Attribution(
        model="vbpr",
        dataset="synthetic",
        seeds=[0, 1],
        metric="recall@20",
        permutations=1,
        graphs="kept",
        effects=effects,
        refused={},
    )
    assert attribution.what_all_ways_say(found) == said
