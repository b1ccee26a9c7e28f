import re

import numpy as np
import pytest

from mmgraph.datasets.inter_file import read_interactions

HEADER = "userID\titemID\trating\ttimestamp\tx_label"
GOOD = ["0\t1\t5\t100\t0", "1\t0\t3.5\t50\t1", "0\t0\t1\t70\t2"]


def test_reads_and_sorts_all_columns(inter):
    table = read_interactions(inter(HEADER, *GOOD))
    assert table.user.tolist() == [0, 0, 1]
    assert table.item.tolist() == [0, 1, 0]
    assert table.rating.tolist() == [1.0, 5.0, 3.5]
    assert table.timestamp.tolist() == [70.0, 100.0, 50.0]
    assert table.x_label.tolist() == [2, 0, 1]
    assert (table.num_users, table.num_items, len(table)) == (2, 2, 3)


def test_the_order_of_lines_does_not_matter(inter):
    one, other = (read_interactions(inter(HEADER, *lines)) for lines in (GOOD, GOOD[::-1]))
    for column in ("user", "item", "rating", "timestamp", "x_label"):
        np.testing.assert_array_equal(getattr(one, column), getattr(other, column))


def test_optional_columns_may_be_absent(inter):
    table = read_interactions(inter("itemID\tuserID", "3\t0", "0\t0", "1\t1", "2\t1"))
    assert table.rating is None
    assert table.timestamp is None
    assert table.x_label is None
    assert table.item.tolist() == [0, 3, 1, 2]


def test_names_separator_and_unused_text_columns(inter):
    path = inter("title,iid,uid,when", "a tale,0,0,2014-01-01", "b,1,0,2014-01-02")
    columns = {"user": "uid", "item": "iid", "timestamp": "when"}
    table = read_interactions(path, separator=",", columns=columns, optional=[])
    assert table.item.tolist() == [0, 1]
    with pytest.raises(ValueError, match=re.escape(f"{path}:2: when must be a number, found '2014-01-01'")):
        read_interactions(path, separator=",", columns=columns)


def test_windows_line_ends_blank_lines_and_byte_order_mark(inter, tmp_path):
    path = tmp_path / "windows.inter"
    path.write_bytes(b"\xef\xbb\xbfuserID\titemID\r\n0\t0\r\n\r\n0\t1\r\n")
    assert read_interactions(path).item.tolist() == [0, 1]


def test_gaps_are_allowed_when_asked(inter):
    table = read_interactions(inter("userID\titemID", "0\t0", f"9\t{2**52}"), contiguous=())
    assert table.num_users == 10
    assert table.item.tolist() == [0, 2**52]


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        ([HEADER, "-1\t0\t1\t1\t0"], 2, "userID must not be negative, found -1"),
        ([HEADER, *GOOD, "", "2\t-7\t1\t1\t0"], 6, "itemID must not be negative, found -7"),
        ([HEADER, *GOOD, "1.5\t1\t1\t1\t0"], 5, "userID must be an integer in plain digits, found '1.5'"),
        ([HEADER, *GOOD, "nan\t1\t1\t1\t0"], 5, "userID must be an integer in plain digits, found 'nan'"),
        ([HEADER, *GOOD, "x1\t1\t1\t1\t0"], 5, "userID must be an integer in plain digits, found 'x1'"),
        ([HEADER, *GOOD, "1\t1"], 5, "2 fields, but the header has 5"),
        ([HEADER, *GOOD, "3\t1\t1\t1\t0"], 5, "user ids must be without gaps, but the largest is 3 and 2 does"),
        ([HEADER, *GOOD, "1\t4\t1\t1\t0"], 5, "item ids must be without gaps, but the largest is 4 and 2 does"),
        ([HEADER, *GOOD, "", "1\t0\t1\t1\t0"], 6, "user 1 and item 0 occur already on line 3"),
        ([HEADER, *GOOD, "1\t1\t1\t1\t3"], 5, "x_label must be 0, 1 or 2, found 3"),
        ([HEADER, *GOOD, "1\t1\t1\t1\t0.5"], 5, "x_label must be an integer in plain digits, found '0.5'"),
        ([HEADER, *GOOD, "1e0\t1\t1\t1\t0"], 5, "userID must be an integer in plain digits, found '1e0'"),
        ([HEADER, *GOOD, "\u0663\t1\t1\t1\t0"], 5, "userID must be an integer in plain digits, found"),
        ([HEADER, *GOOD, "1_0\t1\t1\t1\t0"], 5, "userID must be an integer in plain digits, found '1_0'"),
        ([HEADER, *GOOD, f"{2**63}\t1\t1\t1\t0"], 5, f"userID must be an integer up to {2**63 - 1}, found"),
        ([HEADER, *GOOD, "1\t1\t1\t1\t0\t0"], 5, "6 fields, but the header has 5"),
        ([HEADER, *GOOD, '"1"\t1\t1\t1\t0'], 5, "userID must be an integer in plain digits, found '\"1\"'; fields in"),
        ([HEADER + "\tuserID", *GOOD], 1, "['userID'] stands twice in the header"),
        ([HEADER, *GOOD, "1\t1\tinf\t1\t0"], 5, "rating must be a finite number, found inf"),
        ([HEADER, *GOOD, "1\t1\t1\tnan\t0"], 5, "timestamp must be a finite number, found nan"),
        (["userID\titemID\tweight", "0\t0\t0"], 2, "weight must be above 0 (it counts interactions), found 0"),
        (["userID\titemID\tweight", "0\t0\tinf"], 2, "weight must be a finite number, found inf"),
        (["userId\titemID", "0\t0"], 1, "no column 'userID' in the header ['userId', 'itemID']"),
        (["userID,itemID", "0,0"], 1, "no column 'userID' in the header ['userID,itemID']"),
        ([""], 1, "no column 'userID'"),
    ],
)
def test_a_wrong_line_is_named(inter, lines, line, message):
    path = inter(*lines)
    with pytest.raises(ValueError, match=re.escape(f"{path}:{line}: {message}")):
        read_interactions(path)


def test_a_file_without_rows_is_an_error(inter):
    with pytest.raises(ValueError, match="no interactions below the header"):
        read_interactions(inter(HEADER))


def test_options_are_checked(inter):
    path = inter(HEADER, *GOOD)
    with pytest.raises(ValueError, match="separator='::': must be a single character"):
        read_interactions(path, separator="::")
    with pytest.raises(ValueError, match=r"columns: unknown \['label'\]"):
        read_interactions(path, columns={"label": "x"})
    with pytest.raises(FileNotFoundError):
        read_interactions(path.with_name("absent.inter"))


def test_ids_of_19_digits_are_exact(inter):
    ids = [7_300_000_000_000_000_000 + step for step in (0, 1, 2)]
    table = read_interactions(inter("userID\titemID", *(f"0\t{i}" for i in ids)), contiguous=())
    assert table.item.tolist() == ids


def test_quoted_fields_are_read_where_the_header_has_quotes(inter):
    path = inter('"title","userID","itemID"', '"a ""b"", c","0","1"', '"d",1,0')
    table = read_interactions(path, separator=",")
    assert (table.user.tolist(), table.item.tolist()) == ([0, 1], [1, 0])


def test_a_quote_in_a_file_without_quotes_is_a_character(inter):
    assert len(read_interactions(inter("userID\titemID\ttitle", '0\t0\t"5 inch', "0\t1\tpipe"))) == 2


def test_one_column_for_two_meanings(inter):
    with pytest.raises(ValueError, match=r"columns: \['user', 'rating'\] all name 'userID'"):
        read_interactions(inter(HEADER, *GOOD), columns={"rating": "userID"})


def test_ids_from_1_are_without_gaps_too(inter):
    assert read_interactions(inter("userID\titemID", "1\t1", "1\t2", "2\t1")).user.tolist() == [1, 1, 2]
