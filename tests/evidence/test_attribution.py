"""Attribution on data of which it is known what each modality brings."""

import csv
import json
import re
import sys

import pytest
import torch

import mmgraph
from mmgraph.cli.attribute import main
from mmgraph.datasets import Synthetic
from mmgraph.evidence.attribution import attribute
from mmgraph.evidence.effects import Change, Effect
from mmgraph.pipeline.api import run

SEEDS = (0, 1, 2)


@pytest.fixture(scope="module")
def planted():
    """Images carry all of the taste, texts are noise."""
    graph = Synthetic(num_users=150, num_items=80, num_topics=5, modalities={"image": 16, "text": 4}, noise=0.2)[0]
    graph["item"].x_text = torch.randn(80, 4, generator=torch.Generator().manual_seed(0))
    return graph


def trained(data, folder, seed, **words):
    settings = {"trainer.optimizer.lr": 0.02, "loader.batch_size": 256, **words.pop("overrides", {})}
    return run(
        "vbpr", data, seed=seed, max_epochs=12, folder=folder, overrides=settings, verbose=False, **words
    )  # fmt: skip


@pytest.fixture(scope="module")
def runs(planted, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return [trained(planted, folder / str(seed), seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def controls(planted, tmp_path_factory):
    folder = tmp_path_factory.mktemp("controls")
    return [
        trained(planted, folder / f"{name}-{seed}", seed, control="shuffle", overrides={"control.modalities": [name]})
        for name in ("image", "text")
        for seed in SEEDS
    ]


@pytest.fixture(scope="module")
def found(runs, controls):
    return attribute(runs, controls=controls, permutations=2, splits=["val", "test"])


@pytest.mark.parametrize("split", ["val", "test"])
def test_what_carries_the_taste_is_beyond_the_floor_and_noise_within(found, split):
    assert found.verdict("image", split=split) == "beyond the floor"
    assert found.verdict("text", split=split) == "within the floor"
    for kind in ("permuted", "removed", "trained on shuffle"):
        image, text = (found.effect(kind, name, split=split) for name in ("image", "text"))
        assert image.verdict == "beyond the floor", kind
        assert image.cost > 0.05, kind
        assert image.cost > 2 * text.cost, kind
    assert found.effect("trained on shuffle", "text", split=split).verdict == "within the floor"


def test_costs_are_paired_by_seed(found, runs, controls):
    effect = found.effect("trained on shuffle", "image", split="test", metric="ndcg@10")
    pairs = list(zip(runs, controls, strict=False))
    assert effect.costs == [base.test["ndcg@10"] - other.test["ndcg@10"] for base, other in pairs]
    assert found.effect("permuted", "image", split="test").levels == {
        each.report.seed: each.test["recall@20"] for each in runs
    }


def test_one_seed_has_no_floor(runs):
    one = attribute(runs[0], permutations=1, splits=["val"])
    assert one.verdict("image") == "no floor: one seed"
    assert one.effect("permuted", "image").over_permutations is None
    assert {effect.split for effect in one.effects} == {"val"}


def test_permutations_repeat_and_other_seeds_draw_others(runs):
    first, again, other = (attribute(runs[0], permutations=1, splits=["val"], seed=seed) for seed in (0, 0, 1))
    assert first.effects == again.effects
    assert first.effect("permuted", "text").cost != other.effect("permuted", "text").cost


def test_a_model_without_features_loses_nothing(planted):
    blind = attribute(run("mf_bpr", planted, max_epochs=1, verbose=False), permutations=2)
    for effect in blind.effects:
        if effect.change.kind == "permuted":
            assert effect.cost == 0
            assert effect.same_ranking


def test_floors_and_verdicts_by_hand():
    change = Change("permuted", ("text",))

    def effect(changed):
        return Effect(change=change, split="val", metric="m@1", levels={0: 0.5, 1: 0.54}, changed=changed)

    assert effect({0: 0.4, 1: 0.4}).level_floor == pytest.approx(2 * 0.04 / 2**0.5)
    assert effect({0: 0.4, 1: 0.4}).paired_floor == pytest.approx(2 * 0.04 / 2**0.5)
    assert effect({0: 0.4, 1: 0.44}).paired_floor == pytest.approx(0)
    assert effect({0: 0.4, 1: 0.44}).verdict == "beyond the floor"
    assert effect({0: 0.46, 1: 0.5}).verdict == "within the floor"
    assert effect({0: 0.6, 1: 0.64}).verdict == "beyond the floor (hurts)"


def test_runs_that_do_not_belong_together_are_named(planted, runs, controls, tmp_path):
    other = run("mf_bpr", planted, max_epochs=1, folder=tmp_path / "mf", verbose=False)
    for given, others, message in (
        ([runs[0], other], [], "runs: must be one run, or runs that differ in their seed alone; got vbpr"),
        ([], [], "got none"),
        (runs, [other], "but for control=, and was trained on other settings"),
        (runs[:1], controls[1:2], r"has the seeds \[1\], the runs have \[0\]: none to pair"),
    ):
        with pytest.raises(ValueError, match=message):
            attribute(given, controls=others)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"permutations": 0}, "permutations=0: must be at least 1"),
        ({"graphs": "keep"}, r"graphs='keep': must be one of \['recompute', 'hold'\]"),
        ({"splits": ["train"]}, r"must be some of \['val', 'test'\]"),
        ({"metric": "recall@3"}, "metric=recall@3: the run has recall@5"),
    ],
)
def test_words_that_cannot_be_are_sentences(runs, words, message):
    with pytest.raises(ValueError, match=message):
        attribute(runs[:1], **words)


def test_files_have_all_of_it(found, tmp_path):
    found.save(tmp_path / "a.json")
    found.save(tmp_path / "a.csv")
    content = json.loads((tmp_path / "a.json").read_text())
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    assert content["seeds"] == [0, 1, 2]
    assert len(content["effects"]) == len(rows) == len(found.effects)
    assert float(rows[0]["cost"]) == content["effects"][0]["cost"] == found.effects[0].cost
    with pytest.raises(ValueError, match=re.escape("a.txt: must end in .json, .csv, .svg, .png")):
        found.save(tmp_path / "a.txt")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.json"]


def test_a_figure_is_the_same_to_the_byte(found, tmp_path):
    pytest.importorskip("matplotlib")
    first, second = (found.save(tmp_path / name).read_bytes() for name in ("a.svg", "b.svg"))
    assert first == second
    assert b"trained on shuffle text" in first or b"<!-- trained on shuffle text -->" in first


def test_a_missing_matplotlib_is_a_sentence_before_anything_is_computed(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(SystemExit):
        main([str(tmp_path), "out=a.svg"])
    assert '[evidence]"' in capsys.readouterr().err


def test_the_command_line(tmp_path, capsys):
    data = Synthetic(num_users=60, num_items=60, modalities=["text"])
    run("freedom", data, max_epochs=1, folder=tmp_path / "run", verbose=False)
    main([str(tmp_path / "run"), "permutations=1", "splits=[val]", f"out={tmp_path / 'a.csv'}", "graphs=hold"])
    out = capsys.readouterr().out
    assert "freedom on synthetic, recall@20, seed 0" in out
    assert "ranking unchanged" in out  # FREEDOM ranks by ids and the item graph
    assert "text is not removed: text is the only modality" in out
    assert (tmp_path / "a.csv").exists()
    for words, message in (
        (["permutations=1"], "give the folder of a run"),
        ([str(tmp_path / "run"), "permutation=1"], "there is no word permutation; did you mean permutations=?"),
        ([str(tmp_path / "none")], "there is no folder"),
    ):
        with pytest.raises(SystemExit):
            main(words)
        assert message in capsys.readouterr().err


def test_the_python_face_has_it():
    assert mmgraph.attribute is attribute
