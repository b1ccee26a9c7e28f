import csv
import json

import numpy as np
import pytest

from mmgraph.cli.compare import main
from mmgraph.evidence.compare import compare
from mmgraph.evidence.comparison import ComparedRow
from mmgraph.evidence.statistics import PairedDifference
from tests.evidence.made_up import METRIC, make_run

FEW = [0, 1, 1, 2, 0, 1]
MORE = [1, 2, 1, 2, 0, 2]
MANY = np.random.default_rng(0).integers(3, size=400).tolist()
BETTER = [min(2, found + (place % 2)) for place, found in enumerate(MANY)]


@pytest.fixture
def runs(tmp_path):
    """Two seeds of one model and a closed form."""
    return [
        make_run(tmp_path / "a", val=MORE, test=FEW, seed=0),
        make_run(tmp_path / "b", val=MORE, test=MORE, seed=1),
        make_run(tmp_path / "c", val=FEW, test=FEW, model="popularity", best_epoch=None),
    ]


def test_seeds_share_a_row_and_count_by_their_mean_over_each_user(runs):
    found = compare(*runs, metric=METRIC, tests=["t"])
    trained, closed = found["mf_bpr"], found["popularity"]
    assert trained.seeds == [0, 1]
    assert trained.mean == pytest.approx(np.mean([FEW, MORE]) / 2)
    assert trained.deviation == pytest.approx(np.std([np.mean(FEW) / 2, np.mean(MORE) / 2], ddof=1))
    assert closed.deviation == 0
    difference = np.array(FEW) / 2 - np.mean([FEW, MORE], axis=0) / 2
    assert closed.against.difference == pytest.approx(difference.mean())
    assert closed.by_seed == pytest.approx(trained.deviation / np.sqrt(2))
    assert found.users == 6


def test_wilcoxon_of_different_numbers_of_seeds_is_warned_of(runs):
    warning = "rows have different numbers of seeds"
    assert warning in repr(compare(*runs, metric=METRIC))
    assert warning not in repr(compare(*runs, metric=METRIC, tests=["t"]))
    assert warning not in repr(compare(*runs[1:], metric=METRIC))


def test_the_baseline_is_the_best_on_validation_of_the_first_folder(tmp_path):
    good_on_test = make_run(tmp_path / "runs" / "one", val=FEW, test=MORE, model="one")
    make_run(tmp_path / "runs" / "two", val=MORE, test=FEW, model="two")
    other = make_run(tmp_path / "other", val=[2] * 6, test=FEW, model="three")
    words = {"metric": METRIC, "tests": ["t"]}
    assert compare(tmp_path / "runs", other, **words).baseline == "two"
    assert compare(good_on_test, tmp_path / "runs", other, **words).baseline == "one"
    for name in ("three", str(other)):
        assert compare(tmp_path / "runs", other, baseline=name, **words).baseline == "three"
    with pytest.raises(ValueError, match="baseline=four: must be one of the rows: one, two, three"):
        compare(tmp_path / "runs", other, baseline="four", **words)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"split_hash": "abad1dea"}, r"a \(tiny\) and .*z \(tiny\) are of different splits, c0ffee and abad1dea"),
        ({"of_test": {"users": [0, 1, 2, 3, 4, 9]}}, "a and .*z ranked different users, 6 and 6"),
        ({"mask": "val"}, "a and .*z ranked test by different rules"),
        ({"model": "mf_bpr"}, r"a and .*z are the same run \(mf_bpr, seed 0\)"),
    ],
)
def test_runs_that_say_nothing_about_each_other_are_refused(runs, tmp_path, changes, message):
    other = make_run(tmp_path / "z", **{"val": FEW, "test": FEW, "model": "other"} | changes)
    with pytest.raises(ValueError, match=message):
        compare(*runs, other, metric=METRIC)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"split": "train"}, "split='train': must be val or test"),
        ({"correction": "none"}, "correction='none': must be one of holm, bh"),
        ({"tests": ["f"]}, r"tests=\['f'\]: must be a list of some of t, wilcoxon, bootstrap, sign_flip"),
        ({"tests": "t"}, "tests='t': must be a list"),
        ({"out": "table.tex"}, "out=table.tex: must end in .md, .csv, .json"),
        ({"figure": "plot.md"}, "figure=plot.md: must end in .svg, .png"),
        ({"metric": "coverage@2"}, "metric 'coverage@2' has no value of single users"),
    ],
)
def test_wrong_words_are_named(runs, words, message):
    with pytest.raises(ValueError, match=message):
        compare(*runs, **{"metric": METRIC} | words)


def test_rows_are_named_by_the_words_that_not_all_share(tmp_path):
    for name, words in {"a": ["lr=1", "k=2"], "b": ["lr=1", "k=3"], "c": ["lr=1"], "d": ["lr=1", "k=3", "x=1"]}.items():
        config = {"overrides": ["model=mf_bpr", *words], "words": words}
        make_run(tmp_path / name, val=FEW, test=FEW, config=config)
    names = {row.name for row in compare(tmp_path, metric=METRIC, tests=["t"]).rows}
    assert names == {"mf_bpr k=2", "mf_bpr k=3", "mf_bpr", "mf_bpr k=3 x=1"}


def test_a_row_alone_is_refused(runs):
    with pytest.raises(ValueError, match="there is one row alone, mf_bpr"):
        compare(*runs[:2], metric=METRIC)


def row(difference=0.3, detectable=0.1, adjusted=0.01, by_seed=0.05):
    against = PairedDifference(difference, 0.1, 0.0, 0.0, detectable, 0.2, {"t": adjusted})
    return ComparedRow("x", [0, 1], 0.5, 0.01, against, adjusted, by_seed)


def test_verdicts():
    assert ComparedRow("x", [0], 0.5, None).verdict == "baseline"
    assert row(0.0, 0.0, 1.0).verdict == "the same for every user"
    assert row(0.09, 0.1).verdict == "smaller than this test set can show"
    assert row(0.2, adjusted=0.06).verdict == "not beyond what chance gives"
    assert row(0.2, by_seed=0.11).verdict == "within what seeds differ by"
    assert row().verdict == "better, beyond what chance gives"
    assert row(-0.3).verdict == "worse, beyond what chance gives"
    assert row(by_seed=None).verdict == "better, beyond what chance gives among users; what seeds bring is not known"
    assert row().is_beyond_chance
    assert not row(0.2, adjusted=0.06).is_beyond_chance


@pytest.fixture
def many(tmp_path):
    """Three models and users enough to tell one of them apart."""
    for model, found in {"one": MANY, "two": BETTER, "three": MANY[::-1]}.items():
        make_run(tmp_path / "many" / model, val=found, test=found, model=model)
    return tmp_path / "many"


def test_a_leaderboard_has_groups_and_an_analysis_of_variance(many):
    found = compare(many, metric=METRIC, baseline="one", correction="bh")
    assert found.rows[0].name == "two"
    assert [row.group for row in found.rows] == ["a", "b", "b"]
    assert found["two"].is_beyond_chance
    assert found["three"].verdict == "smaller than this test set can show"
    assert found.anova.p < 0.001
    text = repr(found)
    assert "| model | seeds | recall@2 | group |" in text
    assert "by Benjamini and Hochberg over 2 differences" in text
    assert "one seed, so that what seeds differ by is not known: two, one, three" in text


def test_files_hold_what_was_found(many, tmp_path):
    paths = {kind: tmp_path / f"table{kind}" for kind in (".md", ".csv", ".json")}
    for path in paths.values():
        found = compare(many, metric=METRIC, tests=["t"], out=str(path))
    assert paths[".md"].read_text() == f"{found!r}\n"
    content = json.loads(paths[".json"].read_text())
    assert content["rows"][1]["p_t"] == found.rows[1].against.p["t"]
    lines = list(csv.DictReader(paths[".csv"].read_text().splitlines()))
    assert [float(line["mean"]) for line in lines] == [row.mean for row in found.rows]
    assert lines[0]["verdict"] == "baseline"


def test_a_picture_is_the_same_to_the_byte(many, tmp_path):
    pytest.importorskip("matplotlib")
    paths = [tmp_path / "one.svg", tmp_path / "two.svg"]
    for path in paths:
        compare(many, metric=METRIC, tests=["t"], figure=str(path))
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert b"<svg" in paths[0].read_bytes()


def test_the_command_prints_the_table(many, tmp_path, capsys):
    main([str(many), f"metric={METRIC}", "baseline=one", f"out={tmp_path / 'table.md'}"])
    out = capsys.readouterr().out
    assert "better, beyond what chance gives among users; what seeds bring is not known" in out
    assert f"written to {tmp_path / 'table.md'}" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["metrik=ndcg@2"], "there is no word metrik; did you mean metric=?"),
        ([], "name folders of runs"),
        (["nowhere"], "there is no folder"),
    ],
)
def test_the_command_says_what_is_wrong(words, message, capsys):
    with pytest.raises(SystemExit):
        main([*words, "metric=recall@2"])
    assert message in capsys.readouterr().err
