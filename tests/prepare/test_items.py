"""The table of items: rows by original id, for people and encoders."""

import pytest

from mmgraph.datasets import MMRecFolder
from tests.prepare.conftest import PAIRS, lines

ORDERS = lines(PAIRS)
ROWS = [(f"i{k}", f"thing {k}", k) for k in (3, 1, 5, 0, 2, 4)]
TABLE = lines(ROWS, header="item,title,price")


@pytest.mark.parametrize(("table", "words"), [
    (TABLE, {}),
    (lines(ROWS, header="id,title,price"), {}),
    (lines(ROWS, header="Product ID,title,price"), {}),
    (lines(ROWS, header="code,title,price"), {"item_columns": {"item": "code"}}),
])  # fmt: skip
def test_the_column_of_the_ids(prepare, table, words):
    made = prepare({"a.csv": ORDERS, "t.csv": table}, items="t.csv", **words)
    assert [(row["original_id"], row["title"], row["price"]) for row in made.items] == [
        (f"i{k}", f"thing {k}", str(k)) for k in range(6)
    ]


@pytest.mark.parametrize(("table", "words", "message"), [
    (lines(ROWS, header="code,title,price"), {}, r"t.csv: which column of \['code', 'title', 'price'\] has the ids"),
    (TABLE, {"item_columns": {"item": "sku"}}, r"t.csv: item_columns.item='sku' is not in its header"),
    (lines(ROWS, header="item,original_id,price"), {}, r"t.csv: columns \['original_id'\] are written by mmgraph"),
    (TABLE.replace("i", "j"), {"item_columns": {"item": "jtem"}}, r"t.csv: none of its ids \(as 'j0'\) is an item"),
    (TABLE + "i3,again,1\n", {}, r"t.csv:8: item 'i3' has a row already, .*t.csv:2: i3,again,1"),
    (TABLE + "i3,thing 3,3\n", {}, r"t.csv:8: item 'i3' has a row already, .*t.csv:2: i3,thing 3,3"),
    (TABLE + ",none,1\n", {}, "t.csv:8: the item is empty: ,none,1"),
    (TABLE + "i9,none\n", {}, "t.csv:8: there are fewer fields than in the header: i9,none"),
])  # fmt: skip
def test_tables_that_cannot_be_used(prepare, table, words, message):
    with pytest.raises(ValueError, match=message):
        prepare({"a.csv": ORDERS, "t.csv": table}, items="t.csv", **words)


@pytest.mark.parametrize(("named", "columns"), [
    ({"name": "title"}, ["name", "price"]),
    ({"price": None}, ["title"]),
    ({"price": "title", "title": "price"}, ["price", "title"]),
    ({"title": "price", "name": "title"}, ["name", "title"]),
])  # fmt: skip
def test_columns_get_other_names_or_are_left_out(prepare, named, columns):
    made = prepare({"a.csv": ORDERS, "t.csv": TABLE}, items="t.csv", item_columns=named)
    assert [name for name in made.items[3] if name not in ("itemID", "original_id")] == columns
    source = {"name": "title", "title": "title", "price": "price", **named}
    values = {"title": "thing 3", "price": "3"}
    assert [made.items[3][name] for name in columns] == [values[source[name]] for name in columns]


@pytest.mark.parametrize(("named", "message"), [
    ({"name": "label"}, r"t.csv: item_columns.name='label' is not in its header"),
    ({"title": "price"}, "t.csv: item_columns.title='price': it has a column title too; name that one, too"),
])  # fmt: skip
def test_names_that_columns_cannot_have(prepare, named, message):
    with pytest.raises(ValueError, match=message):
        prepare({"a.csv": ORDERS, "t.csv": TABLE}, items="t.csv", item_columns=named)


def test_repeated_rows_are_set_aside_and_the_first_stays(prepare, tmp_path):
    made = prepare({"a.csv": ORDERS, "t.csv": TABLE + "i3,again,1\ni3,thing 3,3\n"}, items="t.csv", bad_rows="bad.tsv")
    assert made.items[3]["title"] == "thing 3"
    found = [line.split("\t") for line in (tmp_path / "bad.tsv").read_text().splitlines()[1:]]
    assert [(line, text) for _, line, _, text in found] == [("8", "i3,again,1"), ("9", "i3,thing 3,3")]
    assert made.record["inputs"][1]["rows"] == 8
    assert made.record["inputs"][1]["set_aside"] == 2


def test_items_without_a_row_are_told_and_kept(prepare):
    made = prepare({"a.csv": ORDERS, "t.csv": lines(ROWS[:4], header="item,title,price")}, items="t.csv")
    assert "2 of 6 items have no row in " in made.notes
    assert "as 'i2'" in made.notes
    assert [row["title"] for row in made.items] == ["thing 0", "thing 1", "", "thing 3", "", "thing 5"]


@pytest.mark.parametrize(("ours", "theirs"), [("i0 ", "i0"), ("12.0", "12"), ("007", "7"), ("7", "007")])
def test_ids_that_differ_in_white_space_or_type_are_told_not_guessed(prepare, ours, theirs):
    orders = ORDERS.replace("i0\n", f"{ours}\n")
    made = prepare({"a.csv": orders, "t.csv": TABLE.replace("i0,", f"{theirs},")}, items="t.csv")
    assert f"1 would have one if '{ours}' and '{theirs}' were the same, which is not guessed" in made.notes
    assert ours in [row["original_id"] for row in made.items]


def test_users_written_in_two_ways(prepare):
    made = prepare({"a.csv": ORDERS + "u0 ,i0\nu0 ,i1\n"})
    assert "1 users are written in several ways, as 'u0' and 'u0 '" in made.notes
    assert {"u0", "u0 "} <= set(made.users)


def test_products_that_nobody_took(prepare):
    more = TABLE + "i9,new,9\ni8,newer,8\n"
    assert len(prepare({"a.csv": ORDERS, "t.csv": more}, items="t.csv").items) == 6
    made = prepare({"a.csv": ORDERS, "t.csv": more}, items="t.csv", out="all", all_items=True)
    assert [row["original_id"] for row in made.items[6:]] == ["i8", "i9"]
    assert [row["title"] for row in made.items[6:]] == ["newer", "new"]
    with pytest.raises(ValueError, match="all_items=true: there is no table of items"):
        prepare({"a.csv": ORDERS}, out="none", all_items=True)


def test_what_the_core_drops_does_not_come_back_as_new(prepare):
    orders = ORDERS + "u0,i9\n"
    made = prepare({"a.csv": orders, "t.csv": TABLE + "i9,rare,9\n"}, items="t.csv", k_core=2, all_items=True)
    assert "i9" not in [row["original_id"] for row in made.items]


@pytest.mark.parametrize(
    "title", ['a "b" c', '"quoted"', "tab\there", "two\nlines", "<b>bold</b>", "../../etc/passwd", "=1+1", "名前", ""]
)
def test_titles_come_back_as_they_were(prepare, title):
    field = title.replace('"', '""')
    table = "item,title\n" + "".join(f'i{k},"{field if k == 2 else k}"\n' for k in range(6))
    made = prepare({"a.csv": ORDERS, "t.csv": table}, items="t.csv")
    assert made.items[2]["title"] == title
    assert MMRecFolder(made.folder).items[2]["title"] == title


def test_several_tables_of_the_same_columns(prepare, tmp_path):
    files = {"a.csv": ORDERS, "t/1.csv": lines(ROWS[:3], header="item,title,price")}
    second = lines([(price, title, item) for item, title, price in ROWS[3:]], header="price,title,item")
    made = prepare({**files, "t/2.csv": second}, items="t")
    assert [row["title"] for row in made.items] == [f"thing {k}" for k in range(6)]
    with pytest.raises(ValueError, match="has columns"):
        prepare({**files, "t/2.csv": lines([("i0", "x")], header="item,title")}, items="t", out="b")


def test_products_as_json_lines(prepare):
    table = "".join(f'{{"sku": "{item}", "title": "{title}", "tags": ["a", 1]}}\n' for item, title, _ in ROWS)
    made = prepare({"a.csv": ORDERS, "t.jsonl": table}, items="t.jsonl")
    assert made.items[1]["title"] == "thing 1"
    assert made.items[1]["tags"] == '["a",1]'
