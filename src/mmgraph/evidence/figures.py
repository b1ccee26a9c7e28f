"""Figures that print well: colours that the colour-blind tell apart, and files that are the same to the byte."""

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmgraph.files import atomic_write

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#009E73", "#D55E00", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
"""The palette of Okabe and Ito (https://jfly.uni-koeln.de/color/), those that stand out most on white first."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
HATCHES = ("", "//", "\\\\", "..", "xx", "--", "oo", "++")
"""What tells lines and areas apart in black and white, in the order of the colours."""
_STYLE: Any = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 9,
    "legend.frameon": False,
    "svg.hashsalt": "mmgraph",
    "text.parse_math": False,  # a $ in the name of an item is a $
}
_DPI = 200
_METADATA: Any = {"svg": {"Date": None, "Creator": "mmgraph"}, "png": {"Software": "mmgraph"}}
"""By kind of file; without it matplotlib writes the time."""
PICTURES = (".svg", ".png")


def draw_figure(draw: Callable[["Figure"], None], size: tuple[float, float]) -> "Figure":
    """A figure of its own, drawn in mmgraph's style; the process's settings of matplotlib are left alone.

    Args:
        draw: is given the empty figure.
        size: width and height in inches.

    Raises:
        ModuleNotFoundError: without matplotlib (the extra ``evidence``).
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(_STYLE):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
    return figure


def write_figure(figure: "Figure", folder: Path, name: str) -> list[Path]:
    """Writes ``name.svg`` and ``name.png``; the same figure gives the same bytes.

    Returns:
        Both files.

    Raises:
        OSError: if one cannot be written.
    """
    return [write_picture(figure, folder / f"{name}{ending}") for ending in PICTURES]


def write_picture(figure: "Figure", path: Path) -> Path:
    """Writes ``NAME.svg`` or ``NAME.png``.

    Raises:
        OSError: if it cannot be written.
    """
    content = figure_bytes(figure, path.suffix.removeprefix("."))
    with atomic_write(path, "wb") as file:
        file.write(content)
    return path


def figure_bytes(figure: "Figure", kind: str) -> bytes:
    """The figure as a file of a kind, ``"svg"`` or ``"png"``."""
    from matplotlib import rc_context

    content = io.BytesIO()
    with rc_context(_STYLE), warnings.catch_warnings():
        # A name in a script that the font lacks becomes boxes; tables have it in full.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(content, format=kind, dpi=_DPI, metadata=_METADATA[kind])
    return content.getvalue()
