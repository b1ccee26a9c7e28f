import pytest

from mmgraph.evidence.analyses.tsne import TABLE, analyse


def test_a_panel_and_numbers_for_each_run(rednd_run, suid_run):
    found = analyse({"one": rednd_run, "two": suid_run}, points=40, neighbors=5, seed=2)
    first, second = found.rows(TABLE)
    assert first["points"] == 40
    assert first["shared_with_first"] == 1
    assert 0 < second["shared_with_first"] < 1
    for row in (first, second):
        assert row["neighbor_cosine"] > row["mean_cosine"]
        assert row["uniformity"] < 0
        assert 0 < row["kept_in_picture"] <= 1
    assert [axes.get_title() for axes in found.figure().axes] == ["one", "two"]
    assert "more evenly" in found.notes[-1] or "less evenly" in found.notes[-1]


def test_runs_on_other_items_are_refused(rednd_run, shop_run):
    with pytest.raises(ValueError, match="different numbers of items"):
        analyse([rednd_run, shop_run])
