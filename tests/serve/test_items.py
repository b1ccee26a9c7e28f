import numpy as np
import pytest

from mmgraph.serve.items import ItemTable

TITLES = ["Red mug", "Blue mug", "Red scarf, 100 % wool", "Café chair", "ÉTAGÈRE", "covered\nmug"]


@pytest.fixture
def table():
    return ItemTable([f"SKU-{row}" for row in range(len(TITLES))], {"title": TITLES, "image": ["a.png"] + [""] * 5})


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("mug", [0, 1, 5]),
        ("MUG red", [0, 5]),  # the words of "covered mug" do not begin with red
        ("cafe", [3]),
        ("etagère", [4]),
        ("sku-2", [2]),
        ("100 %", [2]),
        ("red wool", [2]),
        ("mug\ncovered", [5]),
        ("nothing", []),
        ("", [0, 1, 2]),
        (" \t", [0, 1, 2]),
    ],
)
def test_search(table, query, rows):
    assert table.search(query, limit=3).tolist() == rows


def test_words_of_two_lines_are_no_match(table):
    assert table.search("blue red", limit=9).size == 0


def test_without_titles_ids_are_searched():
    table = ItemTable(["a1", "b1"], {})
    assert table.search("b", limit=5).tolist() == [1]
    assert table.title_column is None


def test_columns_without_their_empty_fields(table):
    assert table.columns_of(0) == {"title": "Red mug", "image": "a.png"}
    assert table.columns_of(1) == {"title": "Blue mug"}
    assert table.image_name(0) == "a.png"
    assert table.image_name(1) is None
    assert ItemTable(["a"], {}).image_name(0) is None


def test_as_many_as_a_naive_search_finds():
    rng = np.random.default_rng(0)
    words = np.array(["red", "blue", "mug", "lamp", "clock", "redder"])
    titles = [" ".join(rng.choice(words, 3)) for _ in range(500)]
    table = ItemTable([str(row) for row in range(500)], {"name": titles})
    for query in ("red mug", "blue", "lamp clock redder"):
        expected = [row for row, title in enumerate(titles) if all(word in title for word in query.split())]
        assert sorted(table.search(query, limit=500)) == expected
