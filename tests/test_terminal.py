import pytest
from rich.table import Table

from mmgraph.terminal import PlainConsole


def table():
    shown = Table("metric", "@20")
    for name in ("recall", "average_popularity", "[bold]x[/bold]"):
        shown.add_row(name, "0.1234567")
    return shown


@pytest.mark.parametrize("columns", ["1", "20", "200"])
def test_a_narrow_terminal_shows_every_figure_of_a_table(columns, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", columns)
    console = PlainConsole()
    console.table(table())
    assert console.width == int(columns)
    out = capsys.readouterr().out
    assert out.count("0.1234567") == 3
    assert "average_popularity" in out
    assert "[bold]x[/bold]" in out


def test_brackets_and_colours_are_shown_as_they_are(capsys):
    PlainConsole().print_line("[red]x[/y] :smile: \x1b[31m")
    assert capsys.readouterr().out == "[red]x[/y] :smile: \\x1b[31m\n"
