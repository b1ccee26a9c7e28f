import pytest

from mmgraph.datasets import MMRecFolder
from mmgraph.datasets.items_file import read_categories, read_items

COLUMNS = {"item": "itemID", "category": "category"}


def write(folder, *lines):
    (folder / "items.tsv").write_text("".join(f"{line}\n" for line in lines))
    return folder


def test_categories_are_numbered_by_first_appearance(tmp_path):
    write(tmp_path, "itemID\tcategory", "2\tshoes", "0\thats", "1\tshoes", "4\t")
    assert read_categories(tmp_path, range(5), COLUMNS).tolist() == [0, 1, 1, 2, 2]
    assert read_categories(tmp_path, range(5), {**COLUMNS, "category": "brand"}) is None


def test_the_graph_has_them(folder):
    write(folder, "itemID\tgenre", *(f"{item}\t{item % 3}" for item in range(12)))
    assert "category" not in MMRecFolder(folder)[0]["item"]
    item = MMRecFolder(folder, columns={"category": "genre"})[0]["item"]
    assert item.category.tolist() == [0, 1, 2] * 4


def test_ids_that_match_no_item(tmp_path):
    write(tmp_path, "itemID\tname", "0.0\ta", "1.0\tb")
    with pytest.raises(ValueError, match=r"items.tsv: none of its 2 ids \('0.0', '1.0'\) is an item .* \(0, 1, 2\)"):
        read_items(tmp_path, range(5), COLUMNS)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["itemID\tname", "0\ta", "0\tb"], "items.tsv:3: item '0' has a row already"),
        (["itemID\tname", "0\ta\tb"], "items.tsv:2: 3 fields, but the header has 2"),
        (["itemID\tname\tname", "0\ta\tb"], r"items.tsv:1: \['name'\] stands twice"),
    ],
)
def test_a_wrong_table(tmp_path, lines, message):
    with pytest.raises(ValueError, match=message):
        read_items(write(tmp_path, *lines), range(5), COLUMNS)


def test_a_short_row_is_filled(tmp_path):
    assert read_items(write(tmp_path, "itemID\tname", "0"), range(1), COLUMNS) == [{"itemID": "0", "name": ""}]
