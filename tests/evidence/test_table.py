import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmgraph.evidence.table import Cell, Column, Table, TableRow, groups, sections


def table(*values, sections=None):
    cells = [Cell(() if value is None else (value,)) for value in values]
    names = sections or [""] * len(values)
    rows = tuple(TableRow("a row", (cell,), name) for cell, name in zip(cells, names, strict=True))
    return Table("t", (Column("R@20"),), rows)


def ranks(found):
    return [row.cells[0].rank for row in found.rows]


def test_the_best_and_the_second_of_a_column_are_marked():
    assert ranks(table(0.2, 0.5, None, 0.4).ranked()) == [0, 1, 0, 2]


def test_equal_means_share_their_mark():
    assert ranks(table(0.5, 0.5, 0.4, 0.3).ranked()) == [1, 1, 2, 0]


def test_a_single_figure_is_not_best_of_anything():
    assert ranks(table(0.5, None).ranked()) == [0, 0]


def test_rows_of_other_sections_are_no_rivals_where_asked():
    found = table(0.2, 0.5, 0.9, 0.8, sections=["a", "a", "b", "b"])
    assert ranks(found.ranked()) == [0, 0, 1, 2]
    assert ranks(found.ranked(within_sections=True)) == [2, 1, 1, 2]


def test_mean_and_deviation_over_seeds():
    cell = Cell((1.0, 2.0, 3.0), published=1.5)
    assert (cell.mean, cell.deviation, cell.difference) == (2.0, 1.0, 0.5)
    assert Cell((), published=1.5).difference is None


@given(st.integers(1, 3), st.integers(1, 3))
def test_a_table_transposed_twice_is_itself(rows, columns):
    cells = [[Cell((float(i * 10 + j),)) for j in range(columns)] for i in range(rows)]
    made = tuple(TableRow(f"r{i}", tuple(line), "s") for i, line in enumerate(cells))
    found = Table("t", tuple(Column(f"c{j}", "g") for j in range(columns)), made)
    turned = found.transposed()
    assert [column.name for column in turned.columns] == [f"r{i}" for i in range(rows)]
    assert turned.rows[0].section == "g"
    again = turned.transposed()
    assert [row.cells for row in again.rows] == [row.cells for row in found.rows]


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="row 'a' has 2 cells, there are 1 columns"):
        Table("t", (Column("x"),), (TableRow("a", (Cell(), Cell())),))


def test_neighbours_of_a_name_are_put_together():
    columns = [Column("a", "Baby"), Column("b", "Baby"), Column("a", "Sports")]
    assert [(name, len(found)) for name, found in groups(columns)] == [("Baby", 2), ("Sports", 1)]
    rows = [TableRow("x", (), "one"), TableRow("y", (), "two")]
    assert [name for name, _ in sections(rows)] == ["one", "two"]
