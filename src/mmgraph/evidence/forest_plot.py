"""Differences and their intervals as a picture."""

from pathlib import Path
from typing import TYPE_CHECKING

from mmgraph.evidence.comparison import Comparison
from mmgraph.evidence.figures import COLOURS, MARKERS, draw_figure, figure_bytes
from mmgraph.files import atomic_write

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDINGS = (".svg", ".png")
_WIDTH, _HEIGHT, _ROW = 6.4, 1.3, 0.32  # inches
_BAND = "#DDDDDD"


def write_forest_plot(found: Comparison, path: Path) -> None:
    """A row for each model: its difference from the baseline with the interval, over what cannot be shown.

    Filled and coloured: beyond what chance gives; hollow and black: not. The grey bar reaches as far as a difference
    may be and stay undetected. The same comparison gives the same bytes.

    Args:
        found: what to draw.
        path: ``NAME.svg`` or ``NAME.png``.

    Raises:
        ModuleNotFoundError: without matplotlib (the extra ``evidence``).
        OSError: if it cannot be written.
    """
    height = _HEIGHT + _ROW * len(found.rows)
    figure = draw_figure(lambda figure: _draw(figure, found), (_WIDTH, height))
    content = figure_bytes(figure, path.suffix.removeprefix("."))
    with atomic_write(path, "wb") as file:
        file.write(content)


def _draw(figure: "Figure", found: Comparison) -> None:
    axes = figure.subplots()
    better, _, worse = COLOURS[:3]
    names = []
    for place, row in enumerate(row for row in found.rows if row.against is not None):
        other = row.against
        assert other is not None
        names.append(row.name)
        axes.barh(place, 2 * other.detectable, left=-other.detectable, height=0.8, color=_BAND)
        is_better = other.difference > 0
        colour = (better if is_better else worse) if row.is_beyond_chance else COLOURS[6]
        axes.plot([other.low, other.high], [place, place], color=colour, linewidth=1.5)
        axes.plot(
            other.difference,
            place,
            marker=MARKERS[1] if is_better else MARKERS[0],
            color=colour,
            markerfacecolor=colour if row.is_beyond_chance else "white",
        )
    axes.axvline(0, color=COLOURS[6], linewidth=0.8)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel(f"difference in {found.metric} on {found.split}, 95% interval")
    figure.suptitle(
        f"{found.dataset}, {found.users:,} users; 0 is {found.baseline}; grey: too small to be shown", fontsize="medium"
    )
