import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmgraph.evidence.table import Cell, Column, Table, TableRow
from mmgraph.evidence.table_files import CSV_HEAD, latex, to_csv, to_latex, to_markdown


@pytest.fixture
def table():
    columns = Column("R@20", "Baby"), Column("N@20", "Baby"), Column("R@20", "Sports & Co")
    best = Cell((0.1, 0.2), published=0.1), Cell((0.05,), published=0.06), Cell((0.3,), stars="*")
    second = Cell((0.1,)), Cell((0.04,)), Cell((), published=0.25, note="no text")
    rows = TableRow("w/o_x", best, "50% | first"), TableRow("β = 1", second, "second")
    return Table("A & B_c", columns, rows, ("a note of 5%",)).ranked()


def test_markdown(table):
    assert to_markdown(table).splitlines() == [
        "|  | Baby R@20 | Baby N@20 | Sports & Co R@20 |",
        "| -- | --: | --: | --: |",
        r"| *50% \| first* |  |  |  |",
        r"| w/o_x | **0.1500** ± 0.0707 (0.1000, +0.0500) | **0.0500** (0.0600, -0.0100) | 0.3000\* |",
        "| *second* |  |  |  |",
        "| β = 1 | <u>0.1000</u> | <u>0.0400</u> | – (0.2500) |",  # noqa: RUF001
    ]


def test_csv_has_a_line_for_each_cell_in_full(table):
    lines = list(csv.DictReader(io.StringIO(to_csv(table))))
    assert list(lines[0]) == list(CSV_HEAD)
    assert len(lines) == 6
    assert float(lines[0]["mean"]) == pytest.approx(0.15)
    assert (lines[0]["seeds"], lines[0]["row"], lines[0]["section"]) == ("2", "w/o_x", "50% | first")
    assert (lines[5]["mean"], lines[5]["published"], lines[5]["note"]) == ("", "0.25", "no text")


def test_latex(table):
    assert to_latex(table, label="tab:x").splitlines() == [
        r"% \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering",
        r"\caption{A \& B\_c}",
        r"\label{tab:x}",
        r"\begin{tabular}{lrrr}",
        r"\toprule",
        r" & \multicolumn{2}{c}{Baby} & \multicolumn{1}{c}{Sports \& Co} \\",
        r"\cmidrule(lr){2-3}\cmidrule(lr){4-4}",
        r" & R@20 & N@20 & R@20 \\",
        r"\midrule",
        r"\multicolumn{4}{l}{\emph{50\% \textbar{} first}} \\",
        r"w/o\_x & \textbf{0.1500}{\scriptsize$\pm$0.0707} & \textbf{0.0500} & 0.3000$^{*}$ \\",
        r"\quad{\scriptsize published} & {\scriptsize 0.1000 ($+0.0500$)} & {\scriptsize 0.0600 ($-0.0100$)} &  \\",
        r"\midrule",
        r"\multicolumn{4}{l}{\emph{second}} \\",
        r"$\beta$ = 1 & \underline{0.1000} & \underline{0.0400} & -- \\",
        r"\quad{\scriptsize published} &  &  & {\scriptsize 0.2500} \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\par{\footnotesize a note of 5\%}",
        r"\end{table}",
    ]


@given(st.text(alphabet="&%$#_{}\\~^ab<>|", max_size=20))
def test_no_character_is_left_that_latex_would_obey(text):
    written = latex(text)
    for name in ("backslash", "asciitilde", "asciicircum", "less", "greater", "bar"):
        written = written.replace(rf"\text{name}{{}}", "")
    for escaped in ("\\&", "\\%", "\\$", "\\#", "\\_", "\\{", "\\}"):
        written = written.replace(escaped, "")
    assert set(written) <= set("ab")


def test_figures_of_other_kinds_keep_their_form():
    columns = Column("users", form=",.0f"), Column("sparsity", form=".2f")
    rows = (TableRow("Baby", (Cell((19445.0,), published=19445.0), Cell((99.876,), published=99.88))),)
    (line,) = to_markdown(Table("t", columns, rows)).splitlines()[2:]
    assert line == "| Baby | 19,445 (19,445, +0) | 99.88 (99.88, -0.00) |"
