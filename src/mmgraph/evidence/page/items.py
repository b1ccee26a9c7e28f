"""The items that a page speaks of, each once: id, name, category and a small picture."""

import base64
import io
from pathlib import Path

import torch
from jaxtyping import Int
from torch import Tensor

from mmgraph.pipeline.serving import Serving
from mmgraph.reading.images import ImageFolder

_TITLES = ("title", "name")
_IMAGE = "image"
_SIDE = 72
_QUALITY = 70
_MOST_PICTURES = 400
_MOST_PIXELS = 50_000_000
_LONGEST = 120


class Items:
    """Collects the items of one data set.

    Args:
        serving: of a run on it.
        images: the folder of the pictures that the column ``image`` names; None: there are none.

    Raises:
        ModuleNotFoundError: with ``images`` but without pillow.
    """

    def __init__(self, serving: Serving, images: Path | None) -> None:
        self._serving = serving
        self._images = None if images is None else ImageFolder(images)
        self._found: dict[int, dict[str, str]] = {}
        self._pictures = 0
        if images is not None:
            import PIL.Image  # noqa: F401  # before anything is computed

    def refer(self, rows: Int[Tensor, " rows"], *, pictures: bool = True) -> list[int]:
        """The same rows, which the page can now name.

        Args:
            rows: of items.
            pictures: whether they are shown with one; not all of a data set can be.
        """
        listed = [int(row) for row in rows]
        for row in listed:
            item = self._found.setdefault(row, self._described(row))
            if pictures and "picture" not in item and self._pictures < _MOST_PICTURES:
                self._add_picture(row, item)
        return listed

    def plain(self) -> dict[int, dict[str, str]]:
        """As the page has them."""
        return self._found

    def _described(self, row: int) -> dict[str, str]:
        columns = self._serving.columns
        title = next((columns[name][row] for name in _TITLES if name in columns), "")
        category = columns[self._serving.category][row] if self._serving.category in columns else ""
        stated = {"title": title[:_LONGEST], "note": category[:_LONGEST]}
        (name,) = self._serving.items.ids(torch.tensor([row])).tolist()
        return {"id": str(name)} | {key: text for key, text in stated.items() if text}

    def _add_picture(self, row: int, item: dict[str, str]) -> None:
        names = self._serving.columns.get(_IMAGE)
        path = None if self._images is None or names is None else self._images.path_of(names[row])
        picture = None if path is None else thumbnail(path)
        if picture is not None:
            item["picture"] = picture
            self._pictures += 1


def thumbnail(path: Path) -> str | None:
    """A small JPEG as an address that holds it; None for what is no picture, or a huge one."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            if image.width * image.height > _MOST_PIXELS:
                return None
            image.draft("RGB", (2 * _SIDE, 2 * _SIDE))
            small = image.convert("RGB")
            small.thumbnail((_SIDE, _SIDE))
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
        return None
    file = io.BytesIO()
    small.save(file, "JPEG", quality=_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
