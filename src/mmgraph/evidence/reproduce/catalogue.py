"""Which tables and figures there are."""

import difflib
import re
from pathlib import Path

from mmgraph.evidence.reproduce.item import Item
from mmgraph.evidence.reproduce.reading import read_item

FOLDER = Path(__file__).parent / "papers"
PAPERS = ("rednd", "lgmrec", "nsmar", "mgnm")
"""The papers, in the order of the README."""


def papers() -> list[str]:
    """The papers' short names, as in ``experiment=``."""
    return list(PAPERS)


def items_of(paper: str) -> list[str]:
    """The tables and figures of a paper, in its order.

    Raises:
        ValueError: if there is no such paper; lists those that there are.

    Example:
        >>> items_of("rednd")[:3]
        ['table-1', 'table-2', 'table-3']
    """
    if paper not in PAPERS:
        raise ValueError(f"there is no paper {paper!r}{_meant(paper, PAPERS)}; the papers are {', '.join(PAPERS)}")
    return sorted((path.stem for path in _folder(paper).glob("*.yaml")), key=_in_order)


def load_item(paper: str, name: str) -> Item:
    """A table or figure.

    Raises:
        ValueError: if there is none of that name; lists those that there are.

    Example:
        >>> load_item("rednd", "table-3").rows[0].label
        'RedN1D'
    """
    names = items_of(paper)
    if name not in names:
        raise ValueError(f"{paper} has no item {name!r}{_meant(name, names)}; its items are {', '.join(names)}")
    return read_item(_folder(paper) / f"{name}.yaml")


def _folder(paper: str) -> Path:
    return FOLDER / paper


def _in_order(name: str) -> tuple[bool, bool, int, str]:
    """Tables, then figures, then the rest; 10 after 9."""
    number = re.search(r"\d+", name)
    return not name.startswith("table"), not name.startswith("figure"), int(number[0]) if number else 0, name


def _meant(name: str, known: list[str] | tuple[str, ...]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""
