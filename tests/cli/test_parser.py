import pytest

import mmgraph
from mmgraph.cli.parser import command_parser


def test_help_shows_the_examples_as_they_are_written_and_no_marks_of_code(capsys):
    with pytest.raises(SystemExit):
        command_parser("mmgraph-x", "``mmgraph-x RUN``: does it.", "examples:\n  mmgraph-x a    # so\n").parse_args(
            ["--help"]
        )
    shown = capsys.readouterr().out
    assert "mmgraph-x RUN: does it." in shown
    assert "\n  mmgraph-x a    # so\n" in shown


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as left:
        command_parser("mmgraph-x", None, "").parse_args(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"mmgraph {mmgraph.__version__}\n"
