import base64
import io

import pytest
import torch

from mmgraph.evidence.page import items as page_items
from mmgraph.evidence.page.items import Items, thumbnail

Image = pytest.importorskip("PIL.Image")


def opened(address):
    return Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))


def test_a_picture_becomes_small(tmp_path):
    Image.new("RGBA", (300, 100), (200, 30, 30, 255)).save(tmp_path / "a.png")
    small = opened(thumbnail(tmp_path / "a.png"))
    assert (small.format, small.size) == ("JPEG", (72, 24))


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n broken"])
def test_what_is_no_picture_is_left_out(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    assert thumbnail(tmp_path / "a.png") is None


def test_a_huge_picture_is_left_out_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(page_items, "_MOST_PIXELS", 99)
    Image.new("RGB", (10, 10)).save(tmp_path / "a.png")
    assert thumbnail(tmp_path / "a.png") is None


def test_pictures_are_bounded_in_number(shop, monkeypatch):
    monkeypatch.setattr(page_items, "_MOST_PICTURES", 2)
    found = Items(shop.run.serving, shop.images)
    assert found.refer(torch.tensor([4, 5, 6, 4])) == [4, 5, 6, 4]
    found.refer(torch.tensor([7]), pictures=False)
    assert ["picture" in item for item in found.plain().values()] == [True, True, False, False]
    assert found.plain()[5]["id"] == shop.run.dataset.item_ids[5]
