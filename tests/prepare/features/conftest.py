"""A little shop: texts, drawn images, and what is wrong with some of them."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

TITLES = ["red shoe", "blue shoe", "", "red hat", "blue hat", "\u00a0 \u200b", "red sock", "blue sock"]
COLOURS = ["red", "blue", "red", "red", "blue", "blue", "red", "blue"]


def draw(path, colour, *, round_=False):
    """A shape on white."""
    image = Image.new("RGB", (60, 40), "white")
    shape = ImageDraw.Draw(image).ellipse if round_ else ImageDraw.Draw(image).rectangle
    shape((12, 8, 48, 32), fill=colour)
    image.save(path)


@pytest.fixture
def shop(tmp_path):
    """``items.tsv`` of eight items; two have no text, one no image."""
    folder = tmp_path / "shop"
    photos = tmp_path / "photos"
    folder.mkdir()
    photos.mkdir()
    rows = []
    for item, (title, colour) in enumerate(zip(TITLES, COLOURS, strict=True)):
        name = "" if item == 3 else f"{item}.png"
        if name:
            draw(photos / name, colour, round_=item % 4 > 1)
        rows.append(f"{item}\tSKU{item:03}\t{title}\t{item + 0.5}\t{name}")
    lines = ["itemID\toriginal_id\ttitle\tprice\timage", *rows]
    (folder / "items.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def photos(shop, tmp_path):
    """Where its images lie."""
    return tmp_path / "photos"


def unit(x):
    """Rows of norm 1."""
    x = x.astype(np.float64)
    return x / np.linalg.norm(x, axis=1, keepdims=True)
