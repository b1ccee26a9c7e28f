"""Image files, which may be anything: opened as RGB, or refused by name."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM")
"""What is opened: formats whose reading starts no other program (that of EPS does)."""


def open_image(path: Path) -> "Image":
    """Opens an image as RGB: upright, transparent parts white, the first picture of several.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it cannot be read as an image; names it and says why.
    """
    from PIL import Image, ImageOps

    Image.init()
    formats = [name for name in FORMATS if name in Image.OPEN]  # AVIF is not in every build
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata spoil no picture
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=formats) as file:
                image = ImageOps.exif_transpose(file)
                return _on_white(image) if image.has_transparency_data else image.convert("RGB")
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged file fails in a dozen ways inside Pillow
        reason = str(error).replace(repr(str(path)), "it") or type(error).__name__
        raise ValueError(f"{path}: cannot be read as an image ({reason}); formats: {', '.join(formats)}") from error


def _on_white(image: "Image") -> "Image":
    from PIL import Image

    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
