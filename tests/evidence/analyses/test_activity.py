import pytest

from mmgraph.evidence.analyses.activity import GAIN, USERS, analyse
from tests.evidence.planted import train_planted


def test_what_the_first_run_gains_in_each_group(rednd_run, suid_run):
    found = analyse({"first": rednd_run, "second": suid_run}, bins=2)
    rows = {(row["group"], row["run"]): row["recall@20"] for row in found.rows(USERS)}
    for row in found.rows(GAIN):
        assert row["best_other"] == "second"
        assert row["gain"] == pytest.approx(rows[row["group"], "first"] / rows[row["group"], "second"] - 1)
    gains = {row["group"]: row["gain"] for row in found.rows(GAIN)}
    most = max(gains, key=gains.get)
    assert found.notes[-1] == (
        f"first comes before all others in {sum(gain > 0 for gain in gains.values())} of 2 groups; its gain is largest "
        f"in the group {most}: {gains[most]:+.2%}."
    )


def test_the_papers_groups_where_they_hold_users(tmp_path):
    found = analyse(train_planted(tmp_path), metric="recall@2", bins=[5, 10])
    assert [row["group"] for row in found.rows(USERS)] == ["0-5", "6-10", ">10"]
    even = analyse(tmp_path / "run", metric="recall@2")  # 11-15 and beyond would be empty
    assert [row["group"] for row in even.rows(USERS)] == ["2", "6"]
    assert "leave some almost empty" in even.notes[-1]
    assert [title for title, _ in even.tables] == [USERS]
