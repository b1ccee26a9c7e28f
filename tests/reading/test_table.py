import csv

import numpy as np
import pytest

from mmgraph.reading import column_blocks, line_of_row, read_columns, read_layout, read_rows


def write(tmp_path, text):
    path = tmp_path / "table.tsv"
    path.write_bytes(text.encode())
    return path


def test_integers_are_exact_and_other_columns_any_text(tmp_path):
    path = write(tmp_path, "id\tname\tstars\r\n9223372036854775807\t\u00e9\t-1.5e3\r\n\r\n-7\t\t.5\r\n")
    found = read_columns(path, {"id": int, "stars": float, "absent": int})
    assert found["id"].tolist() == [9223372036854775807, -7]
    assert found["stars"].tolist() == [-1500.0, 0.5]
    assert list(found) == ["id", "stars"]


@pytest.mark.parametrize("field", ["", " ", "1.0", "1e0", "0x1", "1_0", "\u0663", "one", "nan", "1 2", "--1"])
def test_an_integer_is_digits(tmp_path, field):
    with pytest.raises(ValueError, match=r"table\.tsv:2: id must be an integer in plain digits, found"):
        read_columns(write(tmp_path, f"id\tname\n{field}\tx\n"), {"id": int})


def test_latin_1_below_the_first_block_is_named(tmp_path):
    path = tmp_path / "table.tsv"
    path.write_bytes(b"id\tname\n" + b"1\tx\n" * 3000 + b"2\t\xe9\n")
    with pytest.raises(ValueError, match=r"table\.tsv:3002: is not UTF-8 text"):
        read_columns(path, {"id": int})


def test_quoted_fields_may_hold_line_breaks(tmp_path):
    path = write(tmp_path, '"id"\t"name"\n"1"\t"a\nb"\n2\tc\n')
    assert read_columns(path, {"id": int})["id"].tolist() == [1, 2]
    assert [line for line, _ in read_rows(path)] == [3, 4]
    assert line_of_row(path, 1) == 4


@pytest.mark.parametrize("separator", ["", "::", "\n", '"', "\0"])
def test_a_separator_is_one_character(tmp_path, separator):
    with pytest.raises(ValueError, match=r"separator=.*must be a single character"):
        read_layout(write(tmp_path, "id\n"), separator=separator)


def test_a_field_without_end_is_named(tmp_path):
    path = write(tmp_path, "id\tname\n1\t" + "x" * (csv.field_size_limit() + 1) + "\n")
    with pytest.raises(ValueError, match=r"table\.tsv:2: cannot be read as a table: field larger"):
        list(read_rows(path))


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_blocks_are_the_columns_in_their_order(tmp_path, rows):
    path = tmp_path / "table.tsv"
    path.write_text("id\tname\tstars\n" + "".join(f"{i}\tn{i}\t{i / 2}\n{chr(10) * (i % 2)}" for i in range(8)))
    kinds = {"id": int, "stars": float, "absent": int}
    whole = read_columns(path, kinds)
    blocks = list(column_blocks(path, kinds, rows=rows))
    for name, values in whole.items():
        np.testing.assert_array_equal(np.concatenate([block[name] for block in blocks]), values)


def test_a_block_that_cannot_be_read_is_named_by_its_line(tmp_path):
    path = tmp_path / "table.tsv"
    path.write_text("id\n" + "".join(f"{i}\n" for i in range(8)) + "x\n")
    with pytest.raises(ValueError, match=r"table.tsv:10: id must be an integer"):
        list(column_blocks(path, {"id": int}, rows=3))
