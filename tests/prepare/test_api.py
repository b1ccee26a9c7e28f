"""From raw files to a folder that data sets read."""

import json

import pytest

import mmgraph as mm

ORDERS = """\
order,customer,sku,ordered_at
1,ann,=cup,2024-01-01T10:00:00+01:00
2,ann,mug,2024-01-02T10:00:00+01:00
3,ann,jar,2024-01-03T10:00:00+01:00
4,bob,mug,2024-01-04T10:00:00+01:00
5,bob,=cup,2024-01-05T10:00:00+01:00
6,bob,"a,b",2024-01-06T10:00:00+01:00
7,ann,mug,2024-01-07T10:00:00+01:00
"""
PRODUCTS = """\
sku,title,price
mug,"A ""fine"" mug",3
=cup,Cup,2
jar,Jar,1
"""


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "orders.csv").write_text(ORDERS)
    (tmp_path / "products.csv").write_text(PRODUCTS)
    return tmp_path


def prepare(shop, *files, **words):
    words = {"out": shop / "made", "verbose": False, **words}
    return mm.prepare_data([shop / name for name in files or ["orders.csv"]], **words)


def test_orders_and_products_become_a_folder(shop):
    data = prepare(shop, items=shop / "products.csv", split="per_user_time")
    assert (shop / "made" / "made.inter").read_text() == (
        "userID\titemID\ttimestamp\tx_label\n"
        "0\t0\t1704099600\t0\n"
        "0\t2\t1704272400\t2\n"
        "0\t3\t1704186000\t1\n"
        "1\t0\t1704445200\t1\n"
        "1\t1\t1704531600\t2\n"
        "1\t3\t1704358800\t0\n"
    )
    assert (shop / "made" / "users.tsv").read_text() == "userID\toriginal_id\n0\tann\n1\tbob\n"
    assert (shop / "made" / "items.tsv").read_text() == (
        'itemID\toriginal_id\ttitle\tprice\n0\t=cup\tCup\t2\n1\ta,b\t\t\n2\tjar\tJar\t1\n3\tmug\tA "fine" mug\t3\n'
    )
    assert data.items[3]["title"] == 'A "fine" mug'
    record = json.loads((shop / "made" / "dataset.json").read_text())
    assert record["split"]["hash"] == data.split_hash
    assert [step["interactions"] for step in record["steps"]] == [7, 6]
    assert sorted(path.name for path in shop.iterdir()) == ["made", "orders.csv", "products.csv"]


def test_a_folder_that_is_there_is_left_alone(shop):
    (shop / "made").mkdir()
    with pytest.raises(FileExistsError, match="made is there already"):
        prepare(shop)
