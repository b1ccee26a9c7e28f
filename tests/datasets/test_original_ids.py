import numpy as np
import pytest

from mmgraph.datasets import InHand, MMRecFolder, Synthetic
from mmgraph.datasets.original_ids import read_original_ids
from tests.prepared import NUM_ITEMS, NUM_USERS, item_id, title, user_id, write_lines, write_shop


def test_ids_stand_in_the_order_of_rows(tmp_path):
    write_lines(tmp_path / "users.tsv", ["userID\toriginal_id\tname", "2\tc\tC", "0\ta b\tA", "1\t007\tB", "9\tz\tZ"])
    assert read_original_ids(tmp_path, "user", range(3), "userID") == ["a b", "007", "c"]
    assert read_original_ids(tmp_path, "user", [9, 2], "userID") == ["z", "c"]
    assert read_original_ids(tmp_path, "item", range(3), "itemID") is None


def test_a_file_without_the_column_states_none(tmp_path):
    write_lines(tmp_path / "items.tsv", ["itemID\ttitle", "0\ta"])
    assert read_original_ids(tmp_path, "item", range(3), "itemID") is None


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["user\toriginal_id", "0\ta"], r"users.tsv:1: no column 'userID' in the header .*; set columns.user"),
        (["userID\toriginal_id", "0\ta"], r"users.tsv: user 1 of the interactions has no row"),
        (["userID\toriginal_id", "0\ta", "0\tb", "1\tc"], r"users.tsv:3: userID '0' has a row already"),
        (["userID\toriginal_id", "0\ta", "1\t"], r"users.tsv:3: original_id is empty"),
        (["userID\toriginal_id", "5\ta", "0\ta", "1\tb"], r"users.tsv:3: original_id 'a' stands already on line 2"),
        (["userID\toriginal_id", "0\tb", "1\tb"], r"users.tsv:3: original_id 'b' stands already on line 2"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, lines, message):
    write_lines(tmp_path / "users.tsv", lines)
    with pytest.raises(ValueError, match=message):
        read_original_ids(tmp_path, "user", range(2), "userID")


def test_a_folder_has_them(tmp_path):
    data = MMRecFolder(write_shop(tmp_path / "shop"))
    assert data.user_ids == [user_id(row) for row in range(NUM_USERS)]
    assert data.item_ids == [item_id(row) for row in range(NUM_ITEMS)]
    assert list(data.item_columns()) == ["title", "category"]
    assert data.item_columns()["title"] == [title(row) for row in range(NUM_ITEMS)]


def test_of_a_folder_that_is_filtered_those_that_are_left_have_them(tmp_path):
    root = write_shop(tmp_path / "shop")
    data = MMRecFolder(root, k_core=4)
    kept = data.numbers("item").tolist()
    assert len(kept) < NUM_ITEMS
    assert data.item_ids == [item_id(row) for row in kept]


def test_without_a_table_the_ids_of_the_interactions_are_texts(folder):
    data = MMRecFolder(folder)
    assert data.user_ids == [str(user) for user in range(6)]
    assert data.original_ids("user") is None
    assert data.item_columns() == {}


def test_other_data_have_numbers(graph):
    data = Synthetic(num_users=50, num_items=40)
    np.testing.assert_array_equal(data.user_ids, np.arange(50))
    assert data.item_columns() == {}
    named = data[0].clone()
    named["item"].raw_id = 2 * named["item"].degree.argsort()
    named["item"].category = named["item"].raw_id % 3
    held = InHand(named)
    np.testing.assert_array_equal(held.item_ids, named["item"].raw_id)
    assert held.item_columns() == {"category": [str(row) for row in named["item"].category.tolist()]}


def test_wrong_ids_stop_a_folder_from_being_read(tmp_path):
    root = write_shop(tmp_path / "shop")
    write_lines(root / "users.tsv", ["userID\toriginal_id", "0\ta"])
    with pytest.raises(ValueError, match=r"users.tsv: user 1 of the interactions has no row"):
        MMRecFolder(root)
