"""Tables as figures in the layout of papers: lines over a parameter, bars for parts left out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mmgraph.evidence.figures import COLOURS, MARKERS, draw_figure
from mmgraph.evidence.table import Cell, Table, groups, sections

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH = 3.2  # inches of a panel
_HEIGHT = 2.4
_BAR_HEIGHT = 0.28
_PUBLISHED: Any = {"color": "black", "marker": "D", "markerfacecolor": "white", "markersize": 4, "linestyle": ""}


def draw_lines(table: Table) -> "Figure":
    """A panel for each section, data set and metric, with a line over the values; published values as diamonds.

    Args:
        table: its labels are ``symbol = value``.
    """
    lines = [(section, rows, group) for section, rows in sections(table.rows) for group, _ in groups(table.columns)]
    width = max(len(columns) for _, columns in groups(table.columns))

    def draw(figure: "Figure") -> None:
        panels = figure.subplots(len(lines), width, squeeze=False)
        for (section, rows, group), line in zip(lines, panels, strict=True):
            places = [place for place, column in enumerate(table.columns) if column.group == group]
            for place, panel in zip(places, line, strict=True):
                cells = [row.cells[place] for row in rows]
                _line_panel(panel, cells, [row.label.rpartition(" = ")[2] for row in rows])
                panel.set(xlabel=section, ylabel=f"{group} {table.columns[place].name}".strip())
        _explain_published(figure, table)

    return draw_figure(draw, (_WIDTH * width, _HEIGHT * len(lines)))


def _line_panel(panel: "Axes", cells: Sequence[Cell], values: Sequence[str]) -> None:
    known = [x for x, cell in enumerate(cells) if cell.mean is not None]
    deviations = [cells[x].deviation or 0.0 for x in known]
    panel.errorbar(
        known,
        [cells[x].mean or 0.0 for x in known],
        deviations if any(deviations) else None,
        color=COLOURS[0],
        marker=MARKERS[0],
        markersize=4,
        capsize=2,
    )
    published = [(x, cell.published) for x, cell in enumerate(cells) if cell.published is not None]
    if published:
        panel.plot(*zip(*published, strict=True), **_PUBLISHED)
    panel.set_xticks(range(len(values)), values)


def draw_bars(table: Table) -> "Figure":
    """A panel for each data set and metric, a bar for each row, from 0 on; published values as diamonds."""
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
        _explain_published(figure, table)

    return draw_figure(draw, (_WIDTH * width, (0.8 + _BAR_HEIGHT * len(table.rows)) * len(found)))


def _bar_panel(panel: "Axes", table: Table, place: int) -> None:
    cells = [row.cells[place] for row in table.rows]
    ys = range(len(cells))
    means = [cell.mean or 0.0 for cell in cells]
    deviations = [cell.deviation or 0.0 for cell in cells]
    bars = panel.barh(ys, means, xerr=deviations if any(deviations) else None, color=COLOURS[0], height=0.7, capsize=2)
    form = table.columns[place].form
    labels = ["not run" if cell.mean is None else format(cell.mean, form) for cell in cells]
    panel.bar_label(bars, labels, padding=8, fontsize=7)
    published = [(cell.published, y) for y, cell in zip(ys, cells, strict=True) if cell.published is not None]
    if published:
        panel.plot(*zip(*published, strict=True), **_PUBLISHED)
    panel.margins(x=0.2)
    panel.set_yticks(ys, [row.label for row in table.rows])
    if not panel.yaxis_inverted():  # panels share it
        panel.invert_yaxis()


def _explain_published(figure: "Figure", table: Table) -> None:
    """A line on top, out of the way of what is drawn."""
    if any(cell.published is not None for row in table.rows for cell in row.cells):
        figure.suptitle("diamonds: published values", fontsize=8, x=1, ha="right")


DRAWN_BY = {"lines": draw_lines, "bars": draw_bars}
"""By the name in ``figure:`` of an item."""
