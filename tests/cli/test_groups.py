"""mmgraph-groups as a user meets it."""

import csv
import json

import pytest

from mmgraph.cli.groups import main
from tests.evidence.planted import train_planted


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return str(train_planted(tmp_path_factory.mktemp("planted")))


def test_tables_are_printed_and_written(planted, tmp_path, capsys):
    figure, *files = [tmp_path / f"found.{ending}" for ending in ("svg", "md", "csv", "json")]
    for out in files:
        main([planted, "by=cold", "metric=recall@2", f"out={out}", f"figure={figure}"])
    shown = capsys.readouterr().out
    assert "recall@2, items, warm and cold" in shown
    assert "0.5000 ± 0.2248" in shown
    assert f"written to {files[0]}" in shown
    assert "| warm | 20 | 20 | 0.5000 ± 0.2248 |" in files[0].read_text()
    with files[1].open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["table"], row["group"], row["recall@2"]) for row in rows[:2]] == [
        ("users, warm and cold", "warm", "0.5"),
        ("users, warm and cold", "cold", ""),
    ]
    assert "\r" not in files[1].read_bytes().decode()
    assert [table["title"] for table in json.loads(files[2].read_text())["tables"]][1] == "items, warm and cold"
    assert figure.read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["bye=cold"], "did you mean by=?"),
        (["out=found.txt"], "out=found.txt: must end in .md, .csv, .json"),
        (["figure=found.pdf"], "figure=found.pdf: must end in .svg, .png"),
        (["by=size"], "by=size must be one of activity, popularity, cold"),
        (["bins=many"], "bins=many: must be a whole number or a list"),
        (["bins=[9,3]"], "ascending"),
    ],
)
def test_mistakes_end_with_a_sentence(planted, words, message, capsys):
    with pytest.raises(SystemExit):
        main([planted, "metric=recall@2", *words])
    assert message in capsys.readouterr().err


def test_no_runs(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["by=cold"])
    assert "name folders of runs" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([str(tmp_path)])
    assert "no run in it has ended" in capsys.readouterr().err
