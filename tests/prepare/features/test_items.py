import pytest

from mmgraph.prepare.features.items import ItemTable, choose_columns, join_texts, read_item_table


@pytest.fixture
def write(tmp_path):
    def write(*lines, options=None):
        (tmp_path / "items.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        if options:
            (tmp_path / "dataset.yaml").write_text(options)
        return tmp_path

    return write


def test_rows_are_in_the_order_of_ids_from_zero_or_one(write):
    folder = write("itemID\ttitle", "2\tc", "0\ta", "1\tb")
    assert read_item_table(folder).columns == {"title": ["a", "b", "c"]}
    assert read_item_table(write("itemID\ttitle", "2\tb", "1\ta")).columns == {"title": ["a", "b"]}


def test_the_column_of_ids_may_have_another_name(write):
    folder = write("iid\ttitle", "0\ta", options="columns: {item: iid}")
    assert read_item_table(folder).columns == {"title": ["a"]}


def test_fields_in_quotes_may_hold_tabs_and_line_breaks(write):
    folder = write('"itemID"\t"title"', '"0"\t"red\nshoe\t9"', '"1"\t"a ""b"""')
    assert read_item_table(folder).columns == {"title": ["red\nshoe\t9", 'a "b"']}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["id\ttitle", "0\ta"], r"items.tsv:1: no column 'itemID' in the header .*set columns.item"),
        (["itemID\ttitle", "0\ta", "0\tb"], "items.tsv:3: item 0 has a row already, on line 2"),
        (["itemID\ttitle", "0\ta", "2\tb"], "2 items with ids from 0 to 2.*without gaps"),
        (["itemID\ttitle", "x1\ta"], "items.tsv:2: itemID must be a whole number in plain digits, found 'x1'"),
        (["itemID\ttitle"], "no item is listed"),
        (["itemID\ttitle", "0\ta\tb"], "items.tsv:2: 3 fields"),
    ],
)
def test_what_is_wrong_is_named(write, lines, message):
    with pytest.raises(ValueError, match=message):
        read_item_table(write(*lines))


def test_a_folder_without_the_table(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no items.tsv in .*header itemID"):
        read_item_table(tmp_path)


COLUMNS = {
    "title": ["Red shoe", ""],
    "brand": ["Acme", "B&B"],
    "price": ["9.90", "1e3"],
    "code": ["B001EYH3AG", "X-12"],
    "uuid": ["0e37df36-f698-11e6-8dd4-cb9ced3df976", ""],
    "url": ["https://example.org/a-b.html", ""],
    "image": ["red shoe.jpg", ""],
    "empty": ["", " "],
}


def test_columns_with_words_are_guessed(tmp_path):
    table = ItemTable(tmp_path / "items.tsv", COLUMNS, 2)
    assert choose_columns(table, None) == ["title", "brand"]
    assert choose_columns(table, ["code", "title", "code"]) == ["code", "title"]
    with pytest.raises(ValueError, match=r"text_columns: .*items.tsv has no \['heading'\]; it has \['title'"):
        choose_columns(table, ["heading"])
    with pytest.raises(ValueError, match="name at least one"):
        choose_columns(table, [])


def test_nothing_to_be_seen_is_no_text(tmp_path):
    columns = {"title": ["shoe", "\u00a0\u200b\ufeff", "\U0001f45f"], "brand": ["", " \t", "\u200b"]}
    table = ItemTable(tmp_path / "items.tsv", columns, 3)
    assert join_texts(table, ["title", "brand"]) == ["shoe", "", "\U0001f45f"]
