"""A table or figure of a paper, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RUNS = "runs"
STATISTICS = "statistics"
SETTINGS = "settings"
KINDS = {
    RUNS: "trains its rows",
    STATISTICS: "counts what a data set holds",
    SETTINGS: "looks up settings",
}
FIGURES = ("lines", "bars")
Published = Mapping[str, tuple[float | None, ...]]
"""Values by data set, in the order of the columns; None where the paper has none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Row:
    """What stands in a row, and what is said to train it.

    Args:
        label: as the paper has it.
        section: what the paper has above it.
        words: of the command line.
        without: the role (``image``, ``text``) of a modality that is left out.
        why_not: why mmgraph cannot train it.
        fuses: labels of rows whose scores are added, in place of words.
        seeded: whether another seed would give something else.
        published: the paper's values.
        first_on: data sets on which the paper says, without values, that it is first.
    """

    label: str
    section: str = ""
    words: tuple[str, ...] = ()
    without: str | None = None
    why_not: str | None = None
    fuses: tuple[str, ...] = ()
    seeded: bool = True
    published: Published = field(default_factory=dict)
    first_on: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Item:
    """A table or figure.

    Args:
        paper: the paper's short name.
        name: such as ``table-2``.
        title: what it shows.
        source: where the paper has it.
        datasets: the paper's data sets in its order: what ``dataset=`` calls them and how the paper does.
        columns: what is shown (a metric, a count, a key of the configuration) and how the paper calls it.
        rows: in the paper's order.
        kind: which of ``KINDS``.
        words: said before those of every row.
        figure: how it is drawn, one of ``FIGURES``; None: a table alone.
        by_section: whether only rows of the same section are rivals.
        transpose: whether the paper has the rows as columns.
        analysis: the analysis of the runs that makes the figure.
        options: keyword arguments of the analysis.
        claim: what the paper reads from it.
        notes: what must be known to read it.
    """

    paper: str
    name: str
    title: str
    source: str
    datasets: Mapping[str, str]
    columns: Mapping[str, str]
    rows: tuple[Row, ...]
    kind: str = RUNS
    words: tuple[str, ...] = ()
    figure: str | None = None
    by_section: bool = False
    transpose: bool = False
    analysis: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    claim: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """For files and messages."""
        return f"{self.paper}-{self.name}"
