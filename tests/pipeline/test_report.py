import dataclasses
import io
import json

import pytest
from rich.console import Console

from mmgraph.pipeline.report import load_report, summary_line, summary_table
from tests.conftest import run_report


def report(**changes):
    values = {
        "dataset_summary": {"users": 3, "items": 4},
        "seed": 7,
        "config": {"model": {"emb_dim": 64, "drop": None}},
        "val": {"recall@5": 0.1, "recall@20": 0.30000000000000004},
        "test": {"recall@5": 0.2, "recall@20": 0.4567891},
        "best_epoch": 1,
        "history": [
            {"epoch": 0, "loss/bpr": 0.7, "seconds": 3.0, "evaluation_seconds": 0.5},
            {"epoch": 1, "loss/bpr": 0.6, "seconds": 1.0, "evaluation_seconds": 0.25},
            {"epoch": 2, "loss/bpr": 0.5, "seconds": 1.5, "evaluation_seconds": 0.75},
        ],
    }
    return run_report(**values | changes)


def test_file_gives_the_report_back_unrounded(tmp_path):
    path = report().save(tmp_path / "run" / "report.json")
    content = json.loads(path.read_text())
    assert content["val"] == {"recall@5": 0.1, "recall@20": 0.30000000000000004}
    assert content["seconds_per_epoch"] == 1.5
    assert content["seconds_per_evaluation"] == 0.5
    assert content["versions"].keys() >= {"python", "torch", "torch_geometric", "numpy", "mmgraph"}
    assert content["peak_memory_bytes"]["cpu"] > 0
    assert "git_commit" in content
    again = load_report(path)
    assert dataclasses.asdict(again) == {key: content[key] for key in dataclasses.asdict(again)}


def test_a_report_of_an_earlier_version_states_less(tmp_path):
    path = report().save(tmp_path / "report.json")
    content = json.loads(path.read_text())
    for name in ("parameters", "fit_seconds", "resumed_at", "machine"):
        del content[name]
    path.write_text(json.dumps(content))
    found = load_report(path)
    assert (found.parameters, found.fit_seconds, found.resumed_at, found.machine) == (None, None, [], None)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"test": {"recall@20": float("nan")}}, "report.test.recall@20 = nan"),
        ({"history": [{}, {"loss/bpr": float("-inf")}]}, "report.history.1.loss/bpr = -inf"),
    ],
)
def test_nan_and_infinity_are_never_written(changes, name, tmp_path):
    path = report().save(tmp_path / "report.json")
    before = path.read_text()
    with pytest.raises(ValueError, match=f"must be finite; got {name}"):
        report(**changes).save(path)
    assert path.read_text() == before
    assert [path] == list(tmp_path.iterdir())


def test_what_cannot_be_written_leaves_the_old_file(tmp_path):
    path = report().save(tmp_path / "report.json")
    before = path.read_text()
    with pytest.raises(TypeError):
        report(config={"z": object()}).save(path)
    assert path.read_text() == before
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"model": "rednd"}'])
def test_other_files_are_refused(text, tmp_path):
    path = tmp_path / "report.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"report.json is not a report that RunReport.save wrote"):
        load_report(path)


@pytest.mark.parametrize("selection", [{}, {"users": 5}, {"users": "5", "of": 9}])
def test_a_sample_without_its_sizes_is_refused(selection, tmp_path):
    path = report(selection=selection).save(tmp_path / "report.json")
    with pytest.raises(ValueError, match="selection must hold the numbers 'users' and 'of'"):
        load_report(path)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"report\.json"):
        load_report(tmp_path / "report.json")


def rendered(table):
    console = Console(file=io.StringIO(), width=100)
    console.print(table)
    return console.file.getvalue()


def test_summary_shows_metrics_by_k_for_both_splits():
    trained = report(peak_memory_bytes={"cpu": 2**30})
    text = rendered(summary_table(trained))
    lines = [line.split("│") for line in text.splitlines()]
    rows = {row[1].strip(): [cell.strip() for cell in row[2:-1]] for row in lines if len(row) > 3}
    assert rows == {"val": ["recall", "0.1000", "0.3000"], "test": ["recall", "0.2000", "0.4568"]}
    assert "@5" in text
    assert "rednd on tiny, seed 7" in text
    expected = "best epoch 1 of 0 to 2, 1.50 s an epoch, 0.50 s an evaluation, 1,024 MiB cpu at most"
    assert summary_line(trained) == expected


def test_summary_of_an_untrained_model_has_no_times_and_marks_what_is_missing():
    untrained = report(best_epoch=None, history=[], val={"ndcg@5": 0.5}, peak_memory_bytes={})
    text = rendered(summary_table(untrained))
    assert summary_line(untrained) == "no epochs"
    assert "-" in [cell.strip() for line in text.splitlines() if "ndcg" in line for cell in line.split("│")]
