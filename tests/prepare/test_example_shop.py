import csv
from collections import Counter
from pathlib import Path

import pytest

from mmgraph.prepare.example_shop import main, make_shop

pytest.importorskip("PIL", reason="pictures need Pillow (the extra prepare)")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return make_shop(tmp_path_factory.mktemp("shop"), customers=60, products=80, seed=3)


def test_every_ordered_product_has_a_row_and_a_picture(shop):
    old = {row["product"] for row in _rows(shop / "products.csv")}
    new = {row["product"] for row in _rows(shop / "new" / "products.csv")}
    assert {row["product"] for row in _rows(shop / "orders.csv")} <= old
    assert {row["product"] for row in _rows(shop / "new" / "orders.csv")} <= old | new
    assert not old & new
    assert {f"{product}.png" for product in old | new} == {path.name for path in (shop / "images").iterdir()}


def test_the_week_after_brings_new_customers_and_new_products(shop):
    before = _rows(shop / "orders.csv")
    after = _rows(shop / "new" / "orders.csv")
    assert max(row["time"] for row in before) < min(row["time"] for row in after)
    assert {row["customer"] for row in after} - {row["customer"] for row in before}
    assert {row["product"] for row in after} - {row["product"] for row in before}


def test_customers_buy_what_they_like(shop):
    colour = {row["product"]: row["title"].split()[1] for row in _rows(shop / "products.csv")}
    bought: dict[str, list[str]] = {}
    for row in _rows(shop / "orders.csv"):
        bought.setdefault(row["customer"], []).append(colour[row["product"]])
    of_two_colours = [sum(n for _, n in Counter(found).most_common(2)) / len(found) for found in bought.values()]
    # Two of eight would be a quarter, a little more as the two are chosen afterwards.
    assert sum(of_two_colours) / len(of_two_colours) > 0.6


def test_the_same_seed_gives_the_same_files(shop, tmp_path):
    main([str(tmp_path / "again"), "--customers", "60", "--products", "80", "--seed", "3"])
    names = [path.relative_to(shop) for path in shop.rglob("*") if path.is_file()]
    assert len(names) == 84
    assert all((shop / name).read_bytes() == (tmp_path / "again" / name).read_bytes() for name in names)
