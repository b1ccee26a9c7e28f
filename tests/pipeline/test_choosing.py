import dataclasses

import pytest

from mmgraph.pipeline.choosing import choose
from tests.prepared import NUM_ITEMS, item_id, write_lines

NOTHING = {"allow": None, "deny": None, "category": None, "at_most": None}


@pytest.fixture
def left(shop_run):
    """The rows of the items that may be recommended."""

    def rows(**asked):
        left_out = choose(shop_run.serving, shop_run.serving.known["train"], **NOTHING | asked).left_out
        return list(range(NUM_ITEMS)) if left_out is None else (~left_out).nonzero().flatten().tolist()

    return rows


def test_items_by_id_and_by_category(left, tmp_path):
    assert left() == list(range(NUM_ITEMS))
    assert left(allow=[item_id(3), item_id(7)]) == [3, 7]
    assert left(allow=[item_id(3), item_id(4)], deny=[item_id(4)]) == [3]
    assert left(deny=[]) == list(range(NUM_ITEMS))
    assert left(category="hat") == list(range(1, NUM_ITEMS, 3))
    assert left(category=["hat", "coat"], deny=item_id(1)) == [i for i in range(2, NUM_ITEMS) if i % 3]
    write_lines(tmp_path / "sold.csv", ["item,when", f"{item_id(0)},today"])
    assert left(deny=tmp_path / "sold.csv") == list(range(1, NUM_ITEMS))


def test_categories_as_numbers(shop_run):
    choice = choose(shop_run.serving, shop_run.serving.known["train"], **NOTHING | {"at_most": 2})
    assert choice.group.tolist() == [row % 3 for row in range(NUM_ITEMS)]
    assert choice.at_most == 2


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"allow": ["SKU99"]}, "allow: there is no item 'SKU99' in the data; did you mean"),
        ({"allow": []}, "allow must be a list of ids"),
        ({"deny": ["sku03"]}, "deny: there is no item 'sku03' in the data; did you mean 'SKU03'"),
        ({"category": "hats"}, "category: no item is of 'hats'; there are 3, such as 'coat', 'hat', 'shoe'"),
        ({"category": []}, "category names none: give one, or several"),
        ({"category": 3}, "category must be a text, or several; got 3"),
        ({"at_most": 0}, "at_most must be a whole number from 1, got 0"),
        ({"at_most": 1.5}, "at_most must be a whole number from 1, got 1.5"),
        ({"at_most": True}, "at_most must be a whole number from 1, got True"),
        (
            {"allow": [item_id(3)], "category": "hat"},
            "no item is left that may be recommended",
        ),
    ],
)
def test_what_cannot_be_is_named(left, asked, message):
    with pytest.raises(ValueError, match=message):
        left(**asked)


@pytest.mark.parametrize(("columns", "there"), [(["title"], "its columns are title"), ([], "it has none")])
@pytest.mark.parametrize("asked", [{"category": "hat"}, {"at_most": 1}])
def test_items_without_categories(shop_run, columns, there, asked):
    serving = shop_run.serving
    serving = dataclasses.replace(serving, columns={name: serving.columns[name] for name in columns})
    with pytest.raises(ValueError, match=f"no column 'category' in the items' table .*{there}"):
        choose(serving, serving.known["train"], **NOTHING | asked)
