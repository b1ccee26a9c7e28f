import pytest

from mmgraph.evidence.reproduce.pictures import draw_bars, draw_lines
from mmgraph.evidence.table import Cell, Column, Table, TableRow


def table(*labels, sections=None):
    columns = Column("R@20", "Baby"), Column("N@20", "Baby"), Column("R@20", "Sports"), Column("N@20", "Sports")
    rows = [
        TableRow(label, (Cell((0.1 + place, 0.2 + place), published=0.3), Cell((0.1,)), Cell(), Cell((0.4,))), section)
        for place, (label, section) in enumerate(zip(labels, sections or [""] * len(labels), strict=True))
    ]
    return Table("t", columns, tuple(rows))


def test_lines_have_a_panel_for_each_section_data_set_and_metric():
    figure = draw_lines(table("k = 5", "k = 10", "λ = 1", "λ = 2", sections=["k", "k", "λ", "λ"]))
    labels = ["Baby R@20", "Baby N@20", "Sports R@20", "Sports N@20"]
    assert [(axes.get_xlabel(), axes.get_ylabel()) for axes in figure.axes] == [
        *(("k", label) for label in labels),
        *(("λ", label) for label in labels),
    ]
    first = figure.axes[0]
    assert [tick.get_text() for tick in first.get_xticklabels()] == ["5", "10"]
    assert list(first.lines[0].get_ydata()) == pytest.approx([0.15, 1.15])
    assert list(first.lines[-1].get_ydata()) == [0.3, 0.3]
    assert figure.get_suptitle() == "diamonds: published values"


def test_bars_have_a_panel_for_each_data_set_and_metric():
    figure = draw_bars(table("whole", "w/o part"))
    assert [axes.get_xlabel() for axes in figure.axes] == ["Baby R@20", "Baby N@20", "Sports R@20", "Sports N@20"]
    widths = [[bar.get_width() for bar in axes.patches] for axes in figure.axes]
    assert widths[0] == pytest.approx([0.15, 1.15])
    assert widths[2] == [0.0, 0.0]
    assert [text.get_text() for text in figure.axes[2].texts] == ["not run", "not run"]
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["whole", "w/o part"]
