from dataclasses import replace

import pytest

from mmgraph.evidence.reproduce.item import Item, Row
from mmgraph.evidence.reproduce.plan import Planner
from mmgraph.evidence.reproduce.request import make_request
from tests.evidence.reproduce.conftest import SMALL


def plan(*rows, words=(), small=SMALL, datasets=("synthetic",), seeds=(0,)):
    item = Item(
        paper="p", name="t", title="t", source="s", datasets={"baby": "Baby"}, columns={"recall@20": "R"}, rows=rows
    )
    request = make_request(
        item, datasets=datasets, seeds=seeds, words=[*small, *words], out=None, runs="runs", jobs=None
    )
    return Planner(request).plan()


def row(label, *words, **given):
    return Row(label=label, words=("model=vbpr", *words), **given)


def test_rows_of_the_same_settings_share_their_runs():
    made = plan(row("a"), row("b", "model.emb_dim=4"), row("default said", "model.emb_dim=64"), seeds=(0, 1))
    assert len(made.runs) == 6
    assert len(made.slots) == 4
    assert made.runs[0].slot == made.runs[4].slot != made.runs[2].slot
    assert [run.slot.folder.name for run in made.runs[:2]] == ["seed-0", "seed-1"]


def test_a_run_is_as_planned_until_a_word_of_it_means_another_thing():
    run, *_ = plan(row("a", "model.emb_dim=4"), seeds=(2,)).runs
    assert run.is_as_planned
    assert not replace(run, words=(*run.words, "trainer.patience=3")).is_as_planned
    assert not replace(run, words=(*run.words, "model.no_such=3")).is_as_planned


def test_a_row_without_seeds_runs_once():
    made = plan(row("a"), Row(label="b", words=("model=popularity",), seeded=False), seeds=(3, 4))
    assert [(run.row.label, run.seed) for run in made.runs] == [("a", 3), ("a", 4), ("b", 3)]


def test_a_fusion_is_of_the_runs_of_its_seed():
    seedless = Row(label="b", words=("model=popularity",), seeded=False)
    fusion = Row(label="a + b", fuses=("a", "b"))
    made = plan(row("a"), fusion, seedless, seeds=(3, 4))
    third, fourth, one, *fused = made.runs
    assert [run.seed for run in fused] == [3, 4]
    assert [run.members for run in fused] == [(third.slot, one.slot), (fourth.slot, one.slot)]
    assert len(made.slots) == 5
    assert plan(row("a", "model.emb_dim=4"), seedless, fusion, seeds=(3,)).runs[-1].slot != fused[0].slot


def test_a_fusion_of_what_is_not_made_says_so():
    fusion = Row(label="a + b", fuses=("a", "b"))
    made = plan(row("a"), row("b", without="audio"), fusion)
    assert made.reasons[fusion, "synthetic"] == "it needs b, which is not made"


def test_what_is_not_a_setting_leads_to_the_same_place(tmp_path):
    (here,), (there,) = (plan(row("a"), words=words).slots for words in ([], [f"data_root={tmp_path}", "logger=files"]))
    assert here == there
    (other,) = plan(row("a"), words=["trainer.patience=3"]).slots
    assert here != other


def test_a_modality_is_left_out_or_the_row_is():
    without_text, without_audio = row("w/o text", without="text"), row("w/o audio", without="audio")
    made = plan(without_text, without_audio)
    assert [run.words[-2] for run in made.runs] == ['dataset.modalities=["image"]']
    assert made.reasons == {(without_audio, "synthetic"): "no audio to leave out on synthetic"}
    alone = plan(without_text, words=["dataset.modalities=[text]"])
    assert alone.reasons == {(without_text, "synthetic"): "nothing but text on synthetic"}


def test_a_row_that_nothing_makes_says_why():
    oracle = Row(label="oracle", why_not="no code")
    made = plan(row("a"), oracle)
    assert made.reasons == {(oracle, "synthetic"): "no code"}
    assert [run.row.label for run in made.runs] == ["a"]


def test_what_cannot_be_composed_names_its_row():
    with pytest.raises(ValueError, match=r"row 'a' on synthetic: .*emb_dimm"):
        plan(row("a", "model.emb_dimm=4"))


def test_a_data_set_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        plan(row("a"), words=[f"data_root={tmp_path}"], small=[], datasets=("lfm2k",))
