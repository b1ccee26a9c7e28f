"""A small shop to try things on: customers, orders, products with titles and drawn pictures, and tastes to be found."""

import argparse
import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmgraph.files import atomic_write

if TYPE_CHECKING:
    from PIL import Image

KINDS = ("mug", "lamp", "scarf", "poster", "cushion", "notebook", "vase", "clock")
COLOURS = {
    "red": (200, 40, 45), "orange": (235, 130, 35), "yellow": (240, 205, 60), "green": (60, 150, 75),
    "blue": (50, 95, 190), "violet": (130, 70, 165), "grey": (120, 125, 130), "brown": (125, 85, 55),
}  # fmt: skip
PATTERNS = ("plain", "striped", "dotted", "checked")
_MAKERS = ("Norda", "Pell & Sons", "Atelier Fern", "Kobo", "Harbour", "Linnea")
_PIXELS = 48
_FIRST_DAY = datetime(2025, 1, 1, 8, tzinfo=timezone.utc)
_DAYS = 180
_NEW_AFTER = 170
"""Customers and products of the last days are in the files of the new week only."""


@dataclass
class _Shop:
    """Kind, colour and pattern of each product; how much each customer likes each of these."""

    kind: np.ndarray
    colour: np.ndarray
    pattern: np.ndarray
    appeal: np.ndarray
    taste: np.ndarray


def make_shop(
    folder: str | Path, *, customers: int = 400, products: int = 240, orders: int = 12, seed: int = 0
) -> Path:
    """Writes a shop's files: ``orders.csv``, ``products.csv``, ``images/``, and what came in the week after.

    A customer likes two kinds of thing and two colours, more or less, and buys accordingly; titles and pictures show
    both. So a model that reads them can find what somebody likes among products that nobody has bought yet.

    ========================  =====================================================================
    ``orders.csv``            ``order,customer,product,time``: string ids, ISO 8601 times in UTC
    ``products.csv``          ``product,title,category,price,image``
    ``images/``               a picture of 48 x 48 pixels for each product
    ``new/orders.csv``        the orders of the week after, some of new customers, some for new products
    ``new/products.csv``      the new products, whose pictures are in ``images/``, too
    ========================  =====================================================================

    Args:
        folder: where to write; made if it is not there.
        customers: how many, a twentieth of whom come in the week after.
        products: how many, a twentieth of which come in the week after.
        orders: mean number of products that a customer buys.
        seed: of tastes, orders and pictures.

    Returns:
        The folder.

    Raises:
        ImportError: without Pillow (the extra ``prepare``).
    """
    root = Path(folder).expanduser()
    rng = np.random.default_rng(seed)
    shop = _draw_shop(rng, customers, products)
    bought = _draw_orders(rng, shop, orders)
    product_ids = [f"SKU-{number:05d}" for number in rng.choice(90_000, products, replace=False) + 10_000]
    customer_ids = [f"c-{number:06x}" for number in rng.choice(16**6, customers, replace=False)]
    rows = [
        (f"o-{place:06d}", customer_ids[user], product_ids[item], when.isoformat(timespec="seconds"))
        for place, (when, user, item) in enumerate(sorted(bought))
    ]
    (root / "images").mkdir(parents=True, exist_ok=True)
    (root / "new").mkdir(exist_ok=True)
    last_old = (_FIRST_DAY + timedelta(days=_NEW_AFTER)).isoformat(timespec="seconds")
    _write(root / "orders.csv", "order customer product time", (row for row in rows if row[3] < last_old))
    _write(root / "new" / "orders.csv", "order customer product time", (row for row in rows if row[3] >= last_old))
    table = _product_table(rng, shop, product_ids)
    num_new = _num_new(products)
    _write(root / "products.csv", "product title category price image", table[num_new:])
    _write(root / "new" / "products.csv", "product title category price image", table[:num_new])
    for item, row in enumerate(table):
        _draw_picture(rng, shop, item).save(root / "images" / str(row[-1]))
    return root


def _num_new(count: int) -> int:
    return max(count // 20, 1)


def _draw_shop(rng: np.random.Generator, customers: int, products: int) -> _Shop:
    kind = rng.integers(len(KINDS), size=products)
    colour = rng.integers(len(COLOURS), size=products)
    taste_kind = _liked(rng, customers, len(KINDS))
    taste_colour = _liked(rng, customers, len(COLOURS))
    return _Shop(
        kind,
        colour,
        pattern=rng.integers(len(PATTERNS), size=products),
        appeal=rng.normal(0, 0.6, size=products),
        taste=taste_kind[:, kind] + taste_colour[:, colour],
    )


def _liked(rng: np.random.Generator, customers: int, options: int) -> np.ndarray:
    """Two of the options are liked by each customer."""
    order = rng.random((customers, options)).argsort(axis=1)
    return np.where(order < 2, 2.0, 0.0)


def _draw_orders(rng: np.random.Generator, shop: _Shop, mean: int) -> list[tuple[datetime, int, int]]:
    """Draws what everybody buys, each product once, and when; the first of both come after the old files end."""
    customers, products = shop.taste.shape
    new_customer = np.arange(customers) < _num_new(customers)
    new_product = np.arange(products) < _num_new(products)
    bought = []
    for user in range(customers):
        gumbel = rng.gumbel(size=products)
        count = max(int(rng.poisson(mean)), 4)
        chosen = np.argsort(-(shop.taste[user] + shop.appeal + gumbel))[:count]
        for item in chosen:
            late = new_customer[user] or new_product[item]
            day = rng.uniform(_NEW_AFTER if late else 0, _DAYS)
            bought.append((_FIRST_DAY + timedelta(days=day), user, int(item)))
    return bought


def _product_table(rng: np.random.Generator, shop: _Shop, ids: Sequence[str]) -> list[tuple[object, ...]]:
    colours = list(COLOURS)
    table: list[tuple[object, ...]] = []
    for item, product in enumerate(ids):
        kind = KINDS[shop.kind[item]]
        maker = _MAKERS[rng.integers(len(_MAKERS))]
        pattern = PATTERNS[shop.pattern[item]].capitalize()
        title = f"{pattern} {colours[shop.colour[item]]} {kind} by {maker}"
        price = f"{rng.uniform(4, 80):.2f}"
        table.append((product, title, kind, price, f"{product}.png"))
    return table


def _draw_picture(rng: np.random.Generator, shop: _Shop, item: int) -> "Image.Image":
    """Draws the colour as ground, the pattern in a lighter tone, and the kind as one of eight outlines."""
    from PIL import Image, ImageDraw

    ground = np.array(list(COLOURS.values())[shop.colour[item]]) + rng.integers(-18, 19, size=3)
    dark = _tone(ground, 0)
    light = _tone(ground, 60)
    picture = Image.new("RGB", (_PIXELS, _PIXELS), dark)
    draw = ImageDraw.Draw(picture)
    pattern = PATTERNS[shop.pattern[item]]
    for start in range(0, _PIXELS, 8):
        if pattern in ("striped", "checked"):
            draw.line([(start, 0), (start, _PIXELS)], fill=light, width=2)
        if pattern == "checked":
            draw.line([(0, start), (_PIXELS, start)], fill=light, width=2)
        if pattern == "dotted":
            for other in range(0, _PIXELS, 8):
                draw.ellipse([start + 2, other + 2, start + 5, other + 5], fill=light)
    draw.regular_polygon((_PIXELS / 2, _PIXELS / 2, 16), 3 + int(shop.kind[item]), outline="white", width=3)
    return picture


def _tone(colour: np.ndarray, lighter: int) -> tuple[int, int, int]:
    red, green, blue = np.clip(colour + lighter, 0, 255)
    return int(red), int(green), int(blue)


def _write(path: Path, header: str, rows: Iterable[Sequence[object]]) -> None:
    with atomic_write(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split())
        writer.writerows(rows)


def main(words: Sequence[str] | None = None) -> None:
    """Writes the example."""
    parser = argparse.ArgumentParser(prog="python -m mmgraph.prepare.example_shop", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write orders.csv, products.csv, images/ and new/")
    parser.add_argument("--customers", type=int, default=400, help="how many (400)")
    parser.add_argument("--products", type=int, default=240, help="how many (240)")
    parser.add_argument("--seed", type=int, default=0, help="of tastes, orders and pictures (0)")
    given = parser.parse_args(words)
    try:
        make_shop(given.folder, customers=given.customers, products=given.products, seed=given.seed)
    except (ImportError, OSError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
