"""Tables as figures in the layout of papers: lines over a parameter, bars for parts left out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmgraph.evidence.figures import COLOURS, DASHES, MARKERS, draw_figure
from mmgraph.evidence.table import Cell, Column, Table, TableRow, groups, sections

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH = 3.2  # inches of a panel
_HEIGHT = 2.4
_BAR_HEIGHT = 0.28
_GREY = "0.55"


def draw_lines(table: Table) -> "Figure":
    """A panel for each section and metric, a line for each data set; published values in grey.

    Args:
        table: its labels are ``symbol = value``.
    """
    parts = sections(table.rows)
    names = list(dict.fromkeys(column.name for column in table.columns))

    def draw(figure: "Figure") -> None:
        panels = figure.subplots(len(parts), len(names), squeeze=False)
        for (section, rows), line in zip(parts, panels, strict=True):
            for name, panel in zip(names, line, strict=True):
                _line_panel(panel, table.columns, rows, name)
                panel.set(xlabel=section, ylabel=name)
        panels[0][0].legend(fontsize=7)

    return draw_figure(draw, (_WIDTH * len(names), _HEIGHT * len(parts)))


def _line_panel(panel: "Axes", columns: Sequence[Column], rows: Sequence[TableRow], name: str) -> None:
    places = [place for place, column in enumerate(columns) if column.name == name]
    for style, place in enumerate(places):
        cells = [row.cells[place] for row in rows]
        known = [x for x, cell in enumerate(cells) if cell.mean is not None]
        panel.errorbar(
            known,
            [cells[x].mean or 0.0 for x in known],
            [cells[x].deviation or 0.0 for x in known],
            color=COLOURS[style % len(COLOURS)],
            marker=MARKERS[style % len(MARKERS)],
            linestyle=DASHES[style % len(DASHES)],
            markersize=4,
            capsize=2,
            label=columns[place].group,
        )
        _published_line(panel, cells, MARKERS[style % len(MARKERS)])
    panel.set_xticks(range(len(rows)), [row.label.rpartition(" = ")[2] for row in rows])


def _published_line(panel: "Axes", cells: Sequence[Cell], marker: str) -> None:
    known = [(x, cell.published) for x, cell in enumerate(cells) if cell.published is not None]
    if known:
        xs, ys = zip(*known, strict=True)
        panel.plot(xs, ys, color=_GREY, marker=marker, markersize=3, linewidth=0.8, label="published")


def draw_bars(table: Table) -> "Figure":
    """A panel for each data set and metric, a bar for each row, from 0 on; published values as grey marks."""
    found = groups(table.columns)
    width = max(len(columns) for _, columns in found)

    def draw(figure: "Figure") -> None:
        panels = figure.subplots(len(found), width, squeeze=False, sharey=True)
        place = 0
        for (group, columns), line in zip(found, panels, strict=True):
            for panel, column in zip(line, columns, strict=True):
                _bar_panel(panel, table, place)
                panel.set_xlabel(f"{group} {column.name}".strip())
                place += 1

    return draw_figure(draw, (_WIDTH * width, (0.8 + _BAR_HEIGHT * len(table.rows)) * len(found)))


def _bar_panel(panel: "Axes", table: Table, place: int) -> None:
    cells = [row.cells[place] for row in table.rows]
    ys = range(len(cells))
    means = [cell.mean or 0.0 for cell in cells]
    deviations = [cell.deviation or 0.0 for cell in cells]
    bars = panel.barh(ys, means, xerr=deviations if any(deviations) else None, color=COLOURS[0], height=0.7, capsize=2)
    form = table.columns[place].form
    labels = ["not run" if cell.mean is None else format(cell.mean, form) for cell in cells]
    panel.bar_label(bars, labels, padding=3, fontsize=7)
    known = [(cell.published, y) for y, cell in zip(ys, cells, strict=True) if cell.published is not None]
    if known:
        panel.plot(*zip(*known, strict=True), color=_GREY, marker="|", markersize=12, linestyle="", label="published")
        panel.legend(fontsize=7, loc="lower right")
    panel.margins(x=0.2)
    panel.set_yticks(ys, [row.label for row in table.rows])
    if not panel.yaxis_inverted():  # panels share it
        panel.invert_yaxis()


DRAWN_BY = {"lines": draw_lines, "bars": draw_bars}
"""By the name in ``figure:`` of an item."""
