import json

import pytest

from mmgraph.evidence.analyses import Analysis
from mmgraph.evidence.analyses.base import by_name, finished, opened


def small():
    return Analysis(
        title="two numbers",
        tables=[("numbers", [{"n": 1}, {"n": 2}])],
        draw=lambda figure: figure.subplots().plot([1, 2]),
        notes=["Both were made up."],
    )


def test_it_is_written_as_data_and_pictures(tmp_path):
    paths = small().write(tmp_path / "new", "found")
    assert [path.name for path in paths] == ["found.json", "found.svg", "found.png"]
    assert json.loads(paths[0].read_text())["tables"] == [{"title": "numbers", "rows": [{"n": 1}, {"n": 2}]}]


def test_each_figure_is_drawn_anew():
    found = small()
    assert found.figure() is not found.figure()
    assert len(found.figure().axes) == 1


def test_a_table_that_is_not_there_is_named():
    with pytest.raises(KeyError, match="no table 'letters'; the tables are numbers"):
        small().rows("letters")


def test_a_run_is_given_itself_or_by_its_folder(shop_run):
    assert opened(shop_run) is shop_run
    for given in (str(shop_run.folder), shop_run.folder, finished(shop_run)):
        assert opened(given).test == shop_run.test


def test_nothing_is_written_that_json_cannot_hold(tmp_path):
    bad = Analysis(title="", tables=[("t", [{"n": float("nan")}])], draw=lambda figure: None)
    with pytest.raises(ValueError, match="JSON compliant"):
        bad.write(tmp_path, "bad")
    assert not list(tmp_path.iterdir())


def test_runs_have_the_names_that_they_are_given_or_their_own(shop_run):
    assert list(by_name({"ours": shop_run})) == ["ours"]
    assert list(by_name([shop_run.folder])) == ["vbpr"]
    with pytest.raises(ValueError, match="there is none"):
        by_name([])


def test_words_that_all_runs_share_are_not_said_again(rednd_run, suid_run):
    names = list(by_name([rednd_run, suid_run]))
    assert not any("dataset" in name for name in names)
    assert names[1].startswith("lgmrec ablation=lgmrec-with_suid")
    with pytest.raises(ValueError, match="'both' must differ in their seed alone; they are of 2 settings"):
        by_name({"both": [rednd_run, suid_run]})
