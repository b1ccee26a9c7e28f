import csv
import json

import pytest

from mmgraph.cli.sweep_folder import note_end
from mmgraph.cli.sweep_table import report_sweep


def write_job(folder, name, words, *, val=None, test=0.0, epochs=2, dataset="tiny"):
    """A job that ended, or, without a validation metric, one that was cut off."""
    place = folder / name
    place.mkdir(parents=True)
    (place / "config.yaml").write_text(f"overrides: {json.dumps(words)}\n")
    if val is not None:
        row = {"seconds": 20.0, "evaluation_seconds": 10.0}
        config = {"trainer": {"monitor": "recall@20"}, "overrides": words}
        metrics = {"val": {"recall@20": val}, "test": {"recall@20": test}}
        content = {"dataset": dataset, "config": config, "history": [row] * epochs, **metrics}
        (place / "report.json").write_text(json.dumps(content))


@pytest.fixture
def printed(monkeypatch, capsys):
    """What is printed on a wide terminal."""
    monkeypatch.setenv("COLUMNS", "160")
    return lambda: capsys.readouterr().out


def rows(folder):
    return list(csv.reader((folder / "sweep.csv").read_text().splitlines()))


def test_a_row_for_each_job_and_a_mark_for_the_best_by_validation(tmp_path, printed):
    common = ["model=rednd", "dataset=tiny"]
    write_job(tmp_path, "0", [*common, "seed=0", "k=[1]"], val=0.25, test=0.9)
    write_job(tmp_path, "1", [*common, "seed=1", "k=[1]"], val=0.5, test=0.125, epochs=5)
    write_job(tmp_path, "10", [*common, "seed=2", "k=a|b"])
    note_end(tmp_path / "2", [*common, "seed=3", "k=[1]"], "failed: ValueError: too [bold] large\nand more")
    report_sweep(tmp_path)
    assert rows(tmp_path) == [
        ["job", "seed", "k", "val recall@20", "test recall@20", "epochs", "minutes", "note"],
        ["0", "0", "[1]", "0.25000", "0.90000", "2", "1.0", ""],
        ["1", "1", "[1]", "0.50000", "0.12500", "5", "2.5", "best"],
        ["2", "3", "[1]", "", "", "", "", "failed: ValueError: too [bold] large"],
        ["10", "2", "a|b", "", "", "", "", "not finished"],
    ]
    lines = (tmp_path / "sweep.md").read_text().splitlines()
    assert lines[1] == "| -- | -- | -- | -- | -- | -- | -- | -- |"
    assert lines[3] == "| 1 | 1 | [1] | 0.50000 | 0.12500 | 5 | 2.5 | best |"
    assert r"| a\|b |" in lines[5]
    out = printed()
    assert "failed: ValueError: too [bold] " in out
    assert "all 4 jobs" in out
    assert "2 of them failed or were cut off: the same command tries them again" in out


def test_jobs_on_different_data_sets_are_not_rivals(tmp_path, printed):
    for job, (dataset, val) in enumerate([("tiny", 0.1), ("large", 0.9), ("tiny", 0.2)]):
        write_job(tmp_path, str(job), [f"dataset={dataset}"], val=val, dataset=dataset)
    report_sweep(tmp_path)
    assert [row[-1] for row in rows(tmp_path)[1:]] == ["", "best", "best"]


def test_of_a_thousand_jobs_the_best_are_printed(tmp_path, printed):
    for job in range(1000):
        write_job(tmp_path, str(job), [f"seed={job}"], val=job / 1000)
    report_sweep(tmp_path)
    assert len(rows(tmp_path)) == 1001
    out = printed()
    assert len(out.splitlines()) < 30
    assert "1000 jobs, the best 20 by validation" in out
    assert out.index("0.99900") < out.index("0.98000")
    assert "0.97900" not in out


def test_a_report_that_is_none_counts_as_not_there(tmp_path, printed):
    write_job(tmp_path, "0", ["seed=0"])
    for text in ('{"val": ', "[]", "{}"):
        (tmp_path / "0" / "report.json").write_text(text)
        report_sweep(tmp_path)
        assert rows(tmp_path)[1] == ["0", "not finished"]


def test_no_jobs_no_table(tmp_path, printed):
    report_sweep(tmp_path)
    assert printed() == ""
    assert not list(tmp_path.iterdir())
