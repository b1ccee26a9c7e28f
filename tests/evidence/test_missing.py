"""Curves of runs whose items lack features."""

import pytest

from mmgraph.evidence.missing import missing_curves, save_curves
from tests.conftest import run_report


def save(folder, *, rate, seed, recall, model="vbpr", kind="missing", split="c0ffee"):
    control = {"kind": kind, "modalities": ["text"], "rate": rate, "by": "random", "seed": seed}
    folder.mkdir()
    config = {"seed": seed, "control": {"rate": rate, "seed": None}}
    values = {"recall@20": recall}
    report = run_report(
        model=model, seed=seed, config=config, control=control, val=values, test=values, split_hash=split
    )  # fmt: skip
    report.save(folder / "report.json")


@pytest.fixture
def folder(tmp_path):
    for place, (rate, seed, recall) in enumerate([(0.6, 0, 0.2), (0.6, 1, 0.25), (0.0, 0, 0.4), (0.0, 1, 0.5)]):
        save(tmp_path / str(place), rate=rate, seed=seed, recall=recall)
    save(tmp_path / "other", rate=0.6, seed=0, recall=0.3, model="freedom")
    save(tmp_path / "shuffled", rate=0.6, seed=0, recall=0.1, kind="shuffle")
    return tmp_path


def test_a_line_a_model_by_rate_with_all_seeds(folder):
    curves = missing_curves([folder])
    assert curves == {
        "vbpr (text, at random, own fill)": {0.0: [0.4, 0.5], 0.6: [0.2, 0.25]},
        "freedom (text, at random, own fill)": {0.6: [0.3]},
    }
    assert list(curves["vbpr (text, at random, own fill)"]) == [0.0, 0.6]


def test_the_figure_is_written_whole_and_the_same_to_the_byte(folder):
    pytest.importorskip("matplotlib")
    for name in ("a.svg", "b.svg"):
        save_curves([folder], folder / name, split="test")
    assert (folder / "a.svg").read_bytes() == (folder / "b.svg").read_bytes()
    with pytest.raises(ValueError, match=r"must end in \.svg or \.png"):
        save_curves([folder], folder / "a.gif")


def test_runs_that_make_no_curve_are_named(folder):
    with pytest.raises(ValueError, match="no run among these was trained under control=missing"):
        missing_curves([folder / "shuffled"])
    save(folder / "elsewhere", rate=0.0, seed=0, recall=0.1, split="abcdef01")
    with pytest.raises(ValueError, match="curves are of runs on one split, found tiny abcdef01, tiny c0ffee"):
        missing_curves([folder])
