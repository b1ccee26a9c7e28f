"""What figures share: colours that everybody can tell apart, and files that are the same for the same figure."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDINGS = (".svg", ".png", ".pdf")
COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
"""Okabe and Ito's; yellow is left out, which nobody sees on white."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES = ("-", "--", "-.", ":")


def figure_bytes(figure: "Figure", ending: str) -> bytes:
    """A figure as a file, the same bytes each time.

    Args:
        figure: what was drawn.
        ending: one of :data:`ENDINGS`.
    """
    import matplotlib

    file = io.BytesIO()
    when = {".svg": "Date", ".pdf": "CreationDate"}
    metadata = {when[ending]: None} if ending in when else {}
    with matplotlib.rc_context({"svg.hashsalt": "mmgraph"}):
        figure.savefig(file, format=ending[1:], metadata=metadata)
    return file.getvalue()
