"""The image encoder that needs no model: colours and edges."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Float32

from mmgraph.prepare.features.encoder import Encoder, versions

if TYPE_CHECKING:
    from PIL.Image import Image

_SIDE = 96
_CELLS = 4
_HUES = 8
_SHADES = 3
_ORIENTATIONS = 8


class ColourEncoder(Encoder["Image"]):
    """Colour and gradient statistics of an image, 296 numbers: three groups of norm 1, then the whole of norm 1.

    - Mean and deviation of red, green and blue in each cell of a 4 x 4 grid (M. Stricker and M. Orengo, Similarity of
      color images, SPIE 1995), 96 numbers.
    - A joint histogram of hue, saturation and value (8 x 3 x 3), 72 numbers.
    - In each cell the orientations of edges, weighted by their strength (N. Dalal and B. Triggs, Histograms of oriented
      gradients for human detection, CVPR 2005), 128 numbers.

    Of histograms the square roots are taken, so that products compare distributions (Hellinger).

    Example:
        >>> from PIL import Image
        >>> x = ColourEncoder().encode([Image.new("RGB", (9, 9), name) for name in ("red", "darkred", "blue")])
        >>> x.shape, bool(x[0] @ x[1] > x[0] @ x[2])
        ((3, 296), True)
    """

    at_once = 16  # photographs take megabytes each

    def encode(self, contents: Sequence["Image"]) -> Float32[np.ndarray, "items dim"]:
        """Rows of norm 1."""
        return np.stack([_describe(image) for image in contents])

    @property
    def recipe(self) -> dict[str, Any]:
        """Versions of what reads and scales images."""
        return {"encoder": "colour", "versions": versions("numpy", "pillow")}


def _describe(image: "Image") -> Float32[np.ndarray, "dim"]:
    from PIL.Image import Resampling

    small = image.resize((_SIDE, _SIDE), Resampling.BILINEAR, reducing_gap=2.0)
    rgb = np.asarray(small, dtype=np.float64) / 255
    hsv = np.asarray(small.convert("HSV"), dtype=np.int64)
    grey = 0.299 * rgb[..., 0] + 0.587 * rgb[..., 1] + 0.114 * rgb[..., 2]
    groups = [_moments(rgb), np.sqrt(_colours(hsv)), np.sqrt(_edges(grey))]
    return _unit(np.concatenate([_unit(group) for group in groups])).astype(np.float32)


def _moments(rgb: Float[np.ndarray, "side side 3"]) -> Float[np.ndarray, "moments"]:
    """Mean (from the middle grey) and deviation of the cells."""
    width = _SIDE // _CELLS
    cells = rgb.reshape(_CELLS, width, _CELLS, width, 3)
    return np.concatenate([(cells - 0.5).mean(axis=(1, 3)).ravel(), cells.std(axis=(1, 3)).ravel()])


def _colours(hsv: np.ndarray) -> Float[np.ndarray, "colours"]:
    hue = hsv[..., 0] * _HUES // 256
    saturation = hsv[..., 1] * _SHADES // 256
    value = hsv[..., 2] * _SHADES // 256
    place = (hue * _SHADES + saturation) * _SHADES + value
    return np.bincount(place.ravel(), minlength=_HUES * _SHADES**2) / place.size


def _edges(grey: Float[np.ndarray, "side side"]) -> Float[np.ndarray, "edges"]:
    """Strength of edges by cell and orientation; an edge from dark to light is that from light to dark."""
    down, right = np.gradient(grey)
    orientation = (np.arctan2(down, right) % np.pi * (_ORIENTATIONS / np.pi)).astype(np.int64) % _ORIENTATIONS
    cell = np.arange(_SIDE) * _CELLS // _SIDE
    place = (cell[:, None] * _CELLS + cell) * _ORIENTATIONS + orientation
    return np.bincount(place.ravel(), weights=np.hypot(down, right).ravel(), minlength=_CELLS**2 * _ORIENTATIONS)


def _unit(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    """The vector with norm 1; one of zeros stays."""
    return x / max(float(np.linalg.norm(x)), 1e-12)
