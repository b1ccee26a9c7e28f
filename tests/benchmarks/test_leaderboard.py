import leaderboard
import pytest
from attribution import runs_on

import mmgraph
from mmgraph.evidence.page.measures import Measures


@pytest.fixture
def page(few_runs, monkeypatch, tmp_path):
    monkeypatch.setattr(leaderboard, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["leaderboard.py", "synthetic", str(few_runs)])
    leaderboard.main()
    return (tmp_path / "synthetic" / "leaderboard.md").read_text()


def test_the_index_lists_it(page, tmp_path):
    assert "- [Leaderboard: synthetic](synthetic/leaderboard.md)" in (tmp_path / "index.md").read_text()


def test_rows_are_in_the_order_of_the_test_metric_with_seeds_and_letters(page, few_runs):
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:3] == "| v"]
    rows += [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:3] == "| p"]
    measured = {leaderboard.label(found.group): found for found in map(Measures.of, runs_on("synthetic", few_runs))}
    assert sorted(row[0] for row in rows) == sorted(measured)
    for name, seeds, _, test, _, letters, *_ in rows:
        assert int(seeds) == len(measured[name].group.seeds)
        assert float(test.split()[0]) == pytest.approx(leaderboard.level(measured[name], "recall@20"), abs=5e-5)
        assert letters
    levels = [line.split("|")[4].split()[0] for line in page.splitlines() if line[:3] in ("| v", "| p")]
    assert levels == sorted(levels, reverse=True)
    assert "Of 3 pairs" in page


def test_models_that_have_no_run_are_named(page):
    lacking = page.splitlines()[-1].removeprefix("Without a run here: ").rstrip(".").split(", ")
    ran = {line.split()[1] for line in page.splitlines() if line[:3] in ("| v", "| p")}
    assert ran
    assert set(lacking) == {model.name for model in mmgraph.list_models()} - ran


def test_rows_of_another_split_are_left_out(few_runs):
    measures = [Measures.of(group) for group in runs_on("synthetic", few_runs)]
    object.__setattr__(measures[0].group.runs[0].report, "split_hash", "other")
    assert leaderboard.comparable(measures) == measures[1:]
