"""A small shop as a folder in MMRec's layout, and runs on it."""

import csv
from collections import Counter

import numpy as np
from PIL import Image

import mmgraph as mm
from mmgraph.prepare.example_shop import make_shop

HOSTILE = '<img src=x onerror="document.title=1"> & <b>bold</b>'


def shop_folder(root, **sizes):
    """Writes the shop's files into ``root``, and beside them ``root/shop`` to train on; the first title is hostile."""
    make_shop(root, **sizes)
    folder = root / "shop"
    folder.mkdir()
    orders = _rows(root / "orders.csv")
    products = _rows(root / "products.csv")
    products[0]["title"] = HOSTILE
    products[1]["image"] = "../products.csv"
    users = {name: row for row, name in enumerate(dict.fromkeys(order["customer"] for order in orders))}
    items = {product["product"]: row for row, product in enumerate(products)}
    pairs = sorted({(users[order["customer"]], items[order["product"]]) for order in orders})
    columns = ["title", "category", "price", "image"]
    _write(folder / "shop.inter", ["userID", "itemID"], pairs)
    _write(folder / "users.tsv", ["userID", "original_id"], ((row, name) for name, row in users.items()))
    _write(
        folder / "items.tsv",
        ["itemID", "original_id", *columns],
        ([row, product["product"], *(product[name] for name in columns)] for row, product in enumerate(products)),
    )
    pictures = [root / "images" / f"{product['product']}.png" for product in products]
    np.save(folder / "text_feat.npy", _words([product["title"] for product in products]))
    np.save(folder / "image_feat.npy", np.stack([_colours(path) for path in pictures]))
    return folder


def trained(folder, run_dir, *, model="vbpr", max_epochs=5, **words):
    """A run on the folder."""
    return mm.run(model, mm.MMRecFolder(folder), max_epochs=max_epochs, folder=run_dir, verbose=False, **words)


def _rows(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def _write(path, header, rows):
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in [header, *rows]))


def _words(titles):
    counts = [Counter(title.lower().split()) for title in titles]
    known = sorted({word for count in counts for word in count})
    return np.array([[count[word] for word in known] for count in counts], dtype=np.float32)


def _colours(path):
    pixels = np.asarray(Image.open(path).resize((8, 8)), dtype=np.float32) / 255
    return np.concatenate([pixels.mean((0, 1)), pixels.std((0, 1)), pixels[4, 4]])
