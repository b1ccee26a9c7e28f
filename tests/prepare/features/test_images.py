import numpy as np
import pytest
from PIL import Image

from mmgraph.prepare.features.images import open_image


def test_images_are_upright_rgb_on_white(tmp_path):
    clear = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    clear.save(tmp_path / "clear.png")
    assert np.asarray(open_image(tmp_path / "clear.png")).min() == 255

    palette = Image.new("P", (4, 4), 0)
    palette.putpalette([0, 0, 255] * 256)
    palette.save(tmp_path / "palette.gif")
    assert open_image(tmp_path / "palette.gif").getpixel((0, 0)) == (0, 0, 255)

    Image.new("L", (4, 4), 9).save(tmp_path / "grey.png")
    Image.new("CMYK", (4, 4)).save(tmp_path / "print.jpg")
    assert {open_image(tmp_path / name).mode for name in ("grey.png", "print.jpg")} == {"RGB"}

    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    Image.new("RGB", (6, 2)).save(tmp_path / "turned.jpg", exif=exif)
    assert open_image(tmp_path / "turned.jpg").size == (2, 6)


def test_what_is_no_image_is_named(tmp_path):
    whole = tmp_path / "whole.png"
    Image.new("RGB", (50, 50), "red").save(whole)
    (tmp_path / "cut.png").write_bytes(whole.read_bytes()[:60])
    (tmp_path / "text.jpg").write_text("not an image")
    (tmp_path / "empty.jpg").write_bytes(b"")
    for name in ("cut.png", "text.jpg", "empty.jpg"):
        with pytest.raises(ValueError, match=rf"{name}: cannot be read as an image \(.+\); formats: JPEG"):
            open_image(tmp_path / name)


def test_a_picture_larger_than_memory_is_refused(tmp_path, monkeypatch):
    Image.new("1", (3000, 3000)).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000_000)
    with pytest.raises(ValueError, match=r"bomb.png: cannot be read as an image \(Image size \(9000000 pixels\)"):
        open_image(tmp_path / "bomb.png")


def test_formats_that_start_other_programs_are_not_opened(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "drawing.eps")
    with pytest.raises(ValueError, match="cannot be read as an image"):
        open_image(tmp_path / "drawing.eps")
