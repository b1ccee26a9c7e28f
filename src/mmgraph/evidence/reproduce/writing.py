"""Files of a table or figure."""

import csv
from collections.abc import Sequence
from pathlib import Path

from mmgraph.config.extras import missing_package
from mmgraph.evidence.figures import write_figure
from mmgraph.evidence.finished import FinishedRun
from mmgraph.evidence.reproduce.analysed import Looked
from mmgraph.evidence.reproduce.claims import claims
from mmgraph.evidence.reproduce.collect import Found, all_runs
from mmgraph.evidence.reproduce.item import RUNS
from mmgraph.evidence.reproduce.pictures import DRAWN_BY
from mmgraph.evidence.reproduce.provenance import HEAD, cost_table, provenance, run_lines
from mmgraph.evidence.reproduce.request import Request
from mmgraph.evidence.table import Table
from mmgraph.evidence.table_files import to_csv, to_latex, to_markdown
from mmgraph.files import atomic_write

RUN_LIST = "runs.csv"
_BRACKETS = (
    "In brackets: the published value, and how far ours lies above it. Ours is of the split and the features that the "
    "end of this page names. Where the paper's were others, only models that read no features compare."
)
_OF_RUNS = "Test split; mean ± deviation over seeds; the best by each metric bold, the second underlined."


def write_all(request: Request, table: Table, found: Found, looked: Looked) -> list[Path]:
    """Writes the table as Markdown, CSV and LaTeX, its picture, and which runs it is of.

    Args:
        request: what was asked for.
        table: the table.
        found: the runs that it is of.
        looked: what an analysis of them came to.

    Returns:
        The files.
    """
    name = request.item.full_name
    runs = all_runs(found)
    picture = _write_picture(request, table)
    how = _how(request, found, runs)
    texts = {
        f"{name}.md": _page(request, table, [*_claims(request, found), *picture.lines, *looked.lines, *how]),
        f"{name}.csv": to_csv(table),
        f"{name}.tex": to_latex(table, label=f"tab:{name}"),
    }
    files = [_write(request.out / file, text) for file, text in texts.items()]
    if runs:
        files.append(_write_runs(request, runs))
    return [*files, *picture.files, *looked.files]


def _claims(request: Request, found: Found) -> list[str]:
    return [f"{sentence}\n" for sentence in claims(request.item, found, request.datasets)]


def _how(request: Request, found: Found, runs: Sequence[FinishedRun]) -> list[str]:
    return ["## How", "", *cost_table(request, found), *provenance(request, runs)]


def _page(request: Request, table: Table, below: Sequence[str]) -> str:
    item = request.item
    lines = [f"# {item.paper} {item.name}: {item.title}", "", f"Published: {item.source}.", ""]
    lines += [] if item.claim is None else [f"The paper reads from it: {item.claim}.", ""]
    lines += [to_markdown(table), ""]
    lines += [_OF_RUNS, ""] if item.kind == RUNS else []
    lines += [_BRACKETS, ""] if any(cell.published is not None for row in table.rows for cell in row.cells) else []
    lines += [f"{note}\n" for note in table.notes]
    return "\n".join([*lines, *below]) + "\n"


def _write_picture(request: Request, table: Table) -> Looked:
    item = request.item
    if item.figure is None or not any(cell.values for row in table.rows for cell in row.cells):
        return Looked()
    try:
        files = write_figure(DRAWN_BY[item.figure](table), request.out, item.full_name)
    except ModuleNotFoundError as error:  # an extra, which the table needs not
        return Looked(lines=[f"Not drawn: {missing_package(str(error.name)) or error}", ""])
    return Looked(files, [f"![{item.title}]({item.full_name}.png)", ""])


def _write(path: Path, text: str) -> Path:
    with atomic_write(path) as file:
        file.write(text)
    return path


def _write_runs(request: Request, runs: Sequence[FinishedRun]) -> Path:
    path = request.out / RUN_LIST
    with atomic_write(path) as file:
        csv.writer(file, lineterminator="\n").writerows([HEAD, *run_lines(runs, request.runs)])
    return path
