import csv
import json
import sys

import pytest

from mmgraph.training import CSVLog, JSONLog, TensorBoardLog

HISTORY = [{"epoch": 0, "loss/bpr": 0.7, "val/recall@20": 0.1}, {"epoch": 1, "loss/bpr": 0.1 + 0.2, "extra": 1.0}]


def test_csv_holds_every_row_once_and_exactly(tmp_path):
    for end in (1, 2, 2):
        CSVLog().write(tmp_path, HISTORY[:end])
    with open(tmp_path / "metrics.csv") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["0", "1"]
    assert float(rows[1]["loss/bpr"]) == 0.1 + 0.2
    assert rows[0]["extra"] == ""


def test_json_is_the_history(tmp_path):
    JSONLog().write(tmp_path, HISTORY)
    assert json.loads((tmp_path / "metrics.json").read_text()) == HISTORY


def test_tensorboard_gets_the_newest_row(tmp_path):
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    log = TensorBoardLog()
    for end in (1, 2, 2):
        log.write(tmp_path, HISTORY[:end])
    events = reader.EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [event.step for event in events.Scalars("loss/bpr")] == [0, 1]


def test_tensorboard_that_is_not_installed_is_told_before_the_first_epoch(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(ModuleNotFoundError, match=r'logger=tensorboard .* pip install -e "\.\[tensorboard\]"'):
        TensorBoardLog()
