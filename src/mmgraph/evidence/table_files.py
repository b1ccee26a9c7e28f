"""A table as Markdown, CSV and LaTeX."""

import csv
import io
import re

from mmgraph.evidence.table import Cell, Table, TableRow, groups, sections

_ABSENT = "–"  # noqa: RUF001  # an en dash, as papers have it
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "±": r"$\pm$",
    "–": "--",  # noqa: RUF001
    "−": "$-$",  # noqa: RUF001
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "α": r"$\alpha$",  # noqa: RUF001
    "β": r"$\beta$",
    "δ": r"$\delta$",
    "λ": r"$\lambda$",
    "ρ": r"$\rho$",  # noqa: RUF001
}
CSV_HEAD = (
    "section",
    "row",
    "group",
    "column",
    "mean",
    "deviation",
    "seeds",
    "published",
    "difference",
    "stars",
    "note",
)


def to_markdown(table: Table) -> str:
    r"""GitHub's Markdown: best bold, second underlined; ``(published, difference)`` behind the figure.

    Example:
        >>> from mmgraph.evidence.table import Column
        >>> rows = TableRow("a|b", (Cell((0.5, 0.7), published=0.55),)), TableRow("c", (Cell((0.1,)),))
        >>> print(to_markdown(Table("t", (Column("R@20", "Baby"),), rows).ranked()))
        |  | Baby R@20 |
        | -- | --: |
        | a\|b | **0.6000** ± 0.1414 (0.5500, +0.0500) |
        | c | <u>0.1000</u> |
    """
    heads = [f"{column.group} {column.name}".strip() for column in table.columns]
    lines = [_markdown_line(["", *heads]), _markdown_line(["--", *["--:"] * len(heads)])]
    for section, rows in sections(table.rows):
        if section:
            lines.append(_markdown_line([f"*{_markdown(section)}*", *[""] * len(heads)]))
        lines += [_markdown_line([_markdown(row.label), *_markdown_cells(table, row)]) for row in rows]
    return "\n".join(lines)


def _markdown_line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown(text: str) -> str:
    return re.sub(r"([|*<>`\\])", r"\\\1", " ".join(text.split()))


def _markdown_cells(table: Table, row: TableRow) -> list[str]:
    return [_markdown_cell(cell, table.form(row, place)) for place, cell in enumerate(row.cells)]


def _markdown_cell(cell: Cell, form: str) -> str:
    published = f" ({', '.join(_published(cell, form))})" if cell.published is not None else ""
    if cell.mean is None:
        return f"{_ABSENT}{published}"
    figure = {0: "{}", 1: "**{}**", 2: "<u>{}</u>"}[cell.rank].format(format(cell.mean, form))
    deviation = "" if cell.deviation is None else f" ± {cell.deviation:{form}}"
    return f"{figure}{_markdown(cell.stars)}{deviation}{published}"


def _published(cell: Cell, form: str) -> list[str]:
    """The published value, and how far ours lies above it."""
    assert cell.published is not None
    difference = [] if cell.difference is None else [f"{cell.difference:+{form}}"]
    return [format(cell.published, form), *difference]


def to_csv(table: Table) -> str:
    """A line for each cell, figures in full: for programs.

    The columns are those of ``CSV_HEAD``.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(CSV_HEAD)
    for row in table.rows:
        for column, cell in zip(table.columns, row.cells, strict=True):
            place = row.section, row.label, column.group, column.name
            figures = cell.mean, cell.deviation, len(cell.values), cell.published, cell.difference
            writer.writerow([*place, *figures, cell.stars, cell.note])
    return file.getvalue()


def to_latex(table: Table, *, label: str = "") -> str:
    r"""A ``table`` for ``booktabs``: best bold, second underlined, published values in a line of their own.

    Args:
        table: the table.
        label: what ``\ref`` calls it.
    """
    has_published = any(cell.published is not None for row in table.rows for cell in row.cells)
    lines = [r"% \usepackage{booktabs}", r"\begin{table}", r"\centering", rf"\caption{{{latex(table.title)}}}"]
    if label:
        lines.append(rf"\label{{{label}}}")
    lines += [rf"\begin{{tabular}}{{l{'r' * len(table.columns)}}}", r"\toprule", *_latex_heads(table), r"\midrule"]
    for position, (section, rows) in enumerate(sections(table.rows)):
        lines += [r"\midrule"] if position else []
        if section:
            lines.append(rf"\multicolumn{{{len(table.columns) + 1}}}{{l}}{{\emph{{{latex(section)}}}}} \\")
        for row in rows:
            lines.append(_latex_line([latex(row.label), *_latex_cells(table, row)]))
            if has_published:
                lines.append(_latex_line([r"\quad{\scriptsize published}", *_latex_published(table, row)]))
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [rf"\par{{\footnotesize {latex(note)}}}" for note in table.notes]
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def latex(text: str) -> str:
    r"""Text in which nothing is a command.

    >>> latex("50% of a_b & β")
    '50\\% of a\\_b \\& $\\beta$'
    """
    return "".join(_LATEX.get(character, character) for character in text)


def _latex_line(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"


def _latex_heads(table: Table) -> list[str]:
    names = _latex_line(["", *(latex(column.name) for column in table.columns)])
    found = groups(table.columns)
    if not any(name for name, _ in found):
        return [names]
    rules = []
    first = 2  # the labels are column 1
    for name, columns in found:
        last = first + len(columns) - 1
        rules += [rf"\cmidrule(lr){{{first}-{last}}}"] if name else []
        first = last + 1
    above = [rf"\multicolumn{{{len(columns)}}}{{c}}{{{latex(name)}}}" for name, columns in found]
    return [_latex_line(["", *above]), "".join(rules), names]


def _latex_cells(table: Table, row: TableRow) -> list[str]:
    return [_latex_cell(cell, table.form(row, place)) for place, cell in enumerate(row.cells)]


def _latex_cell(cell: Cell, form: str) -> str:
    if cell.mean is None:
        return "--"
    figure = {0: "{}", 1: r"\textbf{{{}}}", 2: r"\underline{{{}}}"}[cell.rank].format(format(cell.mean, form))
    stars = f"$^{{{latex(cell.stars)}}}$" if cell.stars else ""
    deviation = "" if cell.deviation is None else rf"{{\scriptsize$\pm${cell.deviation:{form}}}}"
    return f"{figure}{stars}{deviation}"


def _latex_published(table: Table, row: TableRow) -> list[str]:
    cells = []
    for place, cell in enumerate(row.cells):
        found = [] if cell.published is None else _published(cell, table.form(row, place))
        shown = " ".join([*found[:1], *(f"(${difference}$)" for difference in found[1:])])
        cells.append(rf"{{\scriptsize {shown}}}" if shown else "")
    return cells
