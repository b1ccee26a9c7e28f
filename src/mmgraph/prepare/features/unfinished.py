"""Rows that are encoded already, in files that outlive a stop: a later call goes on from there."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from mmgraph.files import atomic_write

ROWS = 1024
"""Items of a part. In a recipe, because a model encodes texts among others to other last bits."""
_MANIFEST = "manifest.json"


class Part(NamedTuple):
    """Items next to one another.

    Attributes:
        has: which of them have the modality.
        x: the rows of these.
    """

    has: Bool[np.ndarray, "items"]
    x: Float[np.ndarray, "found dim"]


class Unfinished:
    """The parts of a matrix of features, each a file that is written whole or not at all.

    Attributes:
        is_other: whether there were parts of another recipe, which are gone.

    Args:
        folder: where they are kept; made anew unless the parts in it are of the same recipe.
        recipe: what makes the rows, as JSON has it.
        num_items: rows of the matrix.
    """

    def __init__(self, folder: Path, recipe: Mapping[str, Any], num_items: int) -> None:
        self._folder = folder
        self._num_items = num_items
        manifest = json.dumps(dict(recipe), indent=2, sort_keys=True)
        path = folder / _MANIFEST
        begun = path.is_file()
        self.is_other = begun and path.read_text(encoding="utf-8") != manifest
        if self.is_other or not begun:
            self.remove()
            with atomic_write(path) as file:
                file.write(manifest)

    def ranges(self) -> list[range]:
        """The items of all parts."""
        return [range(start, min(start + ROWS, self._num_items)) for start in range(0, self._num_items, ROWS)]

    def todo(self) -> list[range]:
        """The items of the parts that are not there yet."""
        return [items for items in self.ranges() if not self._path(items).exists()]

    def save(self, items: range, part: Part) -> None:
        """Keeps a part.

        Raises:
            OSError: it cannot be written, for instance because the disk is full; what was kept before stays.
        """
        with atomic_write(self._path(items), "wb") as file:
            np.savez(file, has=part.has, x=part.x)

    def parts(self) -> Iterator[Part]:
        """All parts, in order."""
        for items in self.ranges():
            with np.load(self._path(items), allow_pickle=False) as kept:
                yield Part(kept["has"], kept["x"])

    def remove(self) -> None:
        """Removes all of it."""
        if self._folder.exists():
            shutil.rmtree(self._folder)

    def _path(self, items: range) -> Path:
        return self._folder / f"{items.start:010}.npz"
