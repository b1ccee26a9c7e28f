import sys

import numpy as np
from PIL import Image, ImageDraw

from mmgraph.prepare.features.colour import ColourEncoder


def stripes(angle, *, size=120):
    image = Image.new("RGB", (size, size), "white")
    pen = ImageDraw.Draw(image)
    for place in range(0, size, 12):
        pen.rectangle((place, 0, place + 5, size), fill="black")
    return image.rotate(angle, fillcolor="white")


def disc(colour, *, at=60, size=120):
    image = Image.new("RGB", (size, size), "white")
    ImageDraw.Draw(image).ellipse((at - 25, 35, at + 25, 85), fill=colour)
    return image


def encode(*images):
    return ColourEncoder().encode(images)


def test_colours_orientations_and_places_make_the_difference():
    x = encode(disc("red"), disc("#dd1111"), disc("blue"), disc("red", at=90))
    assert x[0] @ x[1] > max(x[0] @ x[2], x[0] @ x[3])
    x = encode(stripes(0), stripes(4), stripes(90))
    assert x[0] @ x[1] > x[0] @ x[2]


def test_rows_are_of_norm_one_whatever_the_picture():
    images = [Image.new("RGB", size, colour) for size in ((1, 1), (500, 3)) for colour in ("white", "black", "#808080")]
    x = encode(*images)
    assert x.shape == (6, 296)
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1, atol=1e-6)


def test_a_smaller_copy_is_much_the_same():
    x = encode(disc("green", size=120), disc("green", size=120).resize((60, 60)))
    assert x[0] @ x[1] > 0.98


def test_neither_torchvision_nor_timm_nor_a_model_is_needed(monkeypatch):
    for name in ("torchvision", "timm", "transformers", "sentence_transformers"):
        monkeypatch.setitem(sys.modules, name, None)
    assert encode(disc("red")).any()


def test_the_same_bytes_again():
    assert encode(stripes(30)).tobytes() == encode(stripes(30)).tobytes()
