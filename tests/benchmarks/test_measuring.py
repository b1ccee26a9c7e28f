import json
import subprocess
import sys
from pathlib import Path

import measuring
import pytest
import torch


def test_take_turns_calls_all_equally_often_one_after_the_other():
    calls = []
    seconds = measuring.take_turns(
        {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, repeats=3, warmup=2
    )
    assert calls == ["a", "b"] * 5
    assert {name: len(values) for name, values in seconds.items()} == {"a": 3, "b": 3}
    assert all(value >= 0 for values in seconds.values() for value in values)


def test_markdown_has_the_first_rows_keys_as_head_and_says_where_nothing_is():
    rows = [{"what": "a", "n": 26495, "s": 0.0123456}, {"what": "b", "n": None, "s": 1234.6}]
    assert measuring.markdown(rows).splitlines() == [
        "| what | n | s |",
        "| -- | -- | -- |",
        "| a | 26,495 | 0.0123 |",
        "| b | - | 1,235 |",
    ]


def test_report_prints_the_table_and_keeps_it_with_what_it_depends_on(tmp_path, capsys):
    rows = [{"what": "a", "s": 1.5, "none": None}]
    measuring.report(rows, title="Some", command="benchmarks/some.py", path=tmp_path / "some.json")
    assert capsys.readouterr().out == measuring.markdown(rows) + "\n"
    kept = json.loads((tmp_path / "some.json").read_text())
    assert (kept["title"], kept["command"], kept["rows"]) == ("Some", "benchmarks/some.py", rows)
    assert kept["machine"]["torch"] == torch.__version__
    assert {"cpu", "gpu", "python", "mmgraph", "torch_geometric"} < set(kept["machine"])


def test_report_without_a_path_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    measuring.report([{"a": 1}], title="Some", command="some.py", path=None)
    assert capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_floors_add_what_products_and_what_bytes_take():
    floors = measuring.Floors(megabytes=1, size=64)
    assert floors.gemm > 0
    assert floors.bandwidth > 0
    both = floors.seconds(operations=1e9, moved=1e6)
    assert both == pytest.approx(1e9 / floors.gemm + 1e6 / floors.bandwidth)
    assert floors.seconds() == 0


@pytest.mark.skipif(not (measuring.PROCESS / "clear_refs").exists(), reason="this system does not tell a call's memory")
@pytest.mark.skipif(torch.cuda.is_available(), reason="with a GPU, its memory is what counts")
def test_extra_memory_is_a_calls_own_peak():
    """In a process of its own, as it is to be asked: what other tests freed may lie there."""
    code = """
import measuring, torch
torch.ones(48 << 20)  # 192 MiB that are gone when the call begins
print(measuring.extra_mebibytes(lambda: torch.ones(16 << 20)))
"""
    folder = Path(measuring.__file__).parent
    run = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert 60 < float(run.stdout) < 90


def test_extra_memory_is_unknown_where_the_system_does_not_tell(tmp_path, monkeypatch):
    monkeypatch.setattr(measuring, "PROCESS", tmp_path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert measuring.extra_mebibytes(lambda: None) is None
